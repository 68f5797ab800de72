import { afterEach, describe, it, expect, jest } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { newId } from '../../common/ids.js';
import { loadConfig } from '../../config/index.js';
import { AccessTokens, signingKey } from './access-tokens.js';
import { JwtStrategy } from './jwt.strategy.js';
import { TokenAuthenticator } from './token-authenticator.js';

const SECRET = 'a secret of more than thirty-two characters';
const config = loadConfig({ ENVIRONMENT: 'test', SECRET_KEY: SECRET, ENCRYPTION_KEY: `${SECRET}, another one` });
const jwt = new JwtService({ secret: signingKey(config) });
const authenticator = () => new TokenAuthenticator(new JwtStrategy(jwt, config));
const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const person = newId();
const session = newId();
const now = () => Math.floor(Date.now() / 1000);
const HEADER = { alg: 'HS256', typ: 'at+jwt' };
const payload = () => ({
  sub: person,
  org: null,
  sid: session,
  iss: config.jwtIssuer,
  aud: config.jwtAudience,
  exp: now() + 60,
});

/** A token by hand, so that each part of it can be wrong. */
function forged(header: object, claims: object, { secret = SECRET, digest = 'sha256' } = {}): string {
  const message = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${message}.${createHmac(digest, secret).update(message).digest('base64url')}`;
}
const verdict = (request: { headers: Record<string, string> }): Promise<string> =>
  authenticator()
    .verify(request)
    .then(
      () => 'good',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'no problem at all'),
    );

afterEach(() => {
  jest.useRealTimers();
});

describe('an access token', () => {
  it('says who it is, where, and in which session', async () => {
    const organization = newId();
    const token = await new AccessTokens(jwt, config).make(person, organization, session);
    const claims = await authenticator().verify(bearing(token));
    expect(claims).toEqual({ sub: person, org: organization, sid: session, exp: expect.any(Number) });
    expect(claims.exp - now()).toBeGreaterThan(config.accessTokenMinutes * 60 - 5);
  });

  it('is good with all of its parts', async () => {
    expect(await verdict(bearing(forged(HEADER, payload())))).toBe('good');
  });

  it.each<[string, () => string]>([
    ['of another secret', () => forged(HEADER, payload(), { secret: `${SECRET}!` })],
    ['of another type', () => forged({ ...HEADER, typ: 'JWT' }, payload())],
    ['of no type', () => forged({ alg: 'HS256' }, payload())],
    [
      'unsigned',
      () =>
        `${forged({ ...HEADER, alg: 'none' }, payload())
          .split('.')
          .slice(0, 2)
          .join('.')}.`,
    ],
    ['of another algorithm', () => forged({ ...HEADER, alg: 'HS512' }, payload(), { digest: 'sha512' })],
    ['of another issuer', () => forged(HEADER, { ...payload(), iss: 'somebody' })],
    ['for another audience', () => forged(HEADER, { ...payload(), aud: 'somebody' })],
    ['that never expires', () => forged(HEADER, { ...payload(), exp: undefined })],
    ['without a session', () => forged(HEADER, { ...payload(), sid: undefined })],
    ['for a tenant that is no id', () => forged(HEADER, { ...payload(), org: 'acme' })],
    ['for nobody', () => forged(HEADER, { ...payload(), sub: undefined })],
    ['expired, of another secret', () => forged(HEADER, { ...payload(), exp: now() - 1 }, { secret: `${SECRET}!` })],
    ['that is none', () => 'abc'],
    ['of three parts that are none', () => 'a.b.c'],
    ['with a header that is no JSON', () => `${Buffer.from('{{').toString('base64url')}.e30.x`],
    ['left out', () => ''],
  ])('%s is refused', async (_, token) => {
    expect(await verdict(bearing(token()))).toBe('unauthenticated');
  });

  it('is refused by its own name once it has expired', async () => {
    expect(await verdict(bearing(forged(HEADER, { ...payload(), exp: now() - 1 })))).toBe('token_expired');
  });

  it('comes in no other way', async () => {
    const token = forged(HEADER, payload());
    expect(await verdict({ headers: {} })).toBe('unauthenticated');
    expect(await verdict({ headers: { authorization: token } })).toBe('unauthenticated');
    expect(await verdict({ headers: { authorization: `Basic ${token}` } })).toBe('unauthenticated');
  });
});

describe('a verified token', () => {
  it('is remembered until it expires', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const remembering = authenticator();
    const request = bearing(forged(HEADER, payload()));
    expect(remembering.peek(request)).toBeUndefined();
    const claims = await remembering.verify(request);
    expect(remembering.peek(request)).toBe(claims);
    jest.advanceTimersByTime(61_000);
    expect(remembering.peek(request)).toBeUndefined();
    await expect(remembering.verify(request)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('is not taken for another one that differs in its signature', async () => {
    const remembering = authenticator();
    const token = forged(HEADER, payload());
    await remembering.verify(bearing(token));
    expect(remembering.peek(bearing(`${token.slice(0, -2)}AA`))).toBeUndefined();
  });

  it('leaves nothing behind when it was refused', async () => {
    const remembering = authenticator();
    const request = bearing(forged(HEADER, { ...payload(), aud: 'somebody' }));
    await expect(remembering.verify(request)).rejects.toThrow();
    expect(remembering.peek(request)).toBeUndefined();
  });
});

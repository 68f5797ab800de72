import { afterAll, beforeAll, describe, it, expect } from '@jest/globals';
import { connect, type AddressInfo } from 'node:net';
import { Body, Controller, Delete, Get, Headers, Logger, Module, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { isUuid } from '../../common/ids.js';
import { TenantSuspended } from '../../common/problem.js';
import { httpAdapter, installHttp, UuidPipe } from './index.js';

class Thing {
  @IsString()
  name: string;
  @IsInt()
  amount: number;
}

@Controller('api/v1/things')
class Things {
  @Get()
  list(@Query() query: Record<string, unknown>): unknown {
    return query;
  }
  @Post()
  create(@Body() body: Thing): Thing {
    return body;
  }
  @Get('suspended')
  suspended(@Res({ passthrough: true }) reply: FastifyReply): never {
    void reply.header('etag', '"1"');
    throw TenantSuspended();
  }
  @Get('broken')
  broken(): never {
    throw new TypeError('select * from secret');
  }
  @Get(':thing_id')
  get(@Param('thing_id', UuidPipe) id: string): unknown {
    return { id };
  }
  @Patch(':thing_id')
  update(@Body() body: unknown, @Headers('x-request-id') id: string | undefined): unknown {
    return { body, id };
  }
  @Delete(':thing_id')
  delete(): void {}
}
@Controller('docs')
class Docs {
  @Get()
  page(): string {
    return '<html>';
  }
}
@Module({ controllers: [Things, Docs] })
class App {}

const ORIGIN = 'https://app.example.com';
const ID = '0190a0b0-1111-7000-8000-000000000001';
const PROBLEM = 'application/problem+json; charset=utf-8';
let app: NestFastifyApplication;

const start = async (
  environment: 'test' | 'production',
  corsOrigins: string[] = [],
): Promise<NestFastifyApplication> => {
  const options = { environment, corsOrigins, trustProxy: 1 };
  const made = await NestFactory.create<NestFastifyApplication>(
    App,
    httpAdapter(options),

    { bodyParser: false, logger: false },
  );
  installHttp(made, options);
  await made.init();
  return made;
};
const post = (payload: string | Buffer, contentType = 'application/json') =>
  app.inject({ method: 'POST', url: '/api/v1/things', headers: { 'content-type': contentType }, payload });

beforeAll(async () => {
  app = await start('test', [ORIGIN]);
});
afterAll(() => app.close());

describe('a problem', () => {
  it('is told as RFC 9457 has it', async () => {
    const answer = await app.inject('/api/v1/things/suspended?token=secret');
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['content-type']).toBe(PROBLEM);
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.json()).toEqual({
      type: '/problems/tenant_suspended',
      title: 'The tenant is suspended',
      status: 403,
      detail: 'The tenant is suspended',
      instance: '/api/v1/things/suspended',
      code: 'tenant_suspended',
      request_id: answer.headers['x-request-id'],
      layer: 'tenant',
    });
  });
  it('says nothing of the inside for what nobody foresaw, and logs it', async () => {
    const lines: unknown[] = [];
    Logger.overrideLogger({ log: () => {}, warn: () => {}, error: (line: unknown) => lines.push(line) });
    const answer = await app.inject('/api/v1/things/broken');
    Logger.overrideLogger(false);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/select|secret|TypeError|\.ts/);
    expect(lines).toEqual([
      {
        request_id: answer.headers['x-request-id'],
        err: expect.any(TypeError),
        message: 'answered 500 internal_error',
      },
    ]);
  });
});

describe('paths and methods', () => {
  it.each(['/api/v1/nothing', '/', '/api/v1/things/', `/api/v1/things/${ID}/more`, '//', '/api/v1//things'])(
    'answers 404 at %s',
    async (url) => {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not_found']);
      expect(answer.headers['x-frame-options']).toBe('DENY');
    },
  );
  it('answers 405 with the methods that the path has', async () => {
    const answer = await app.inject({ method: 'PUT', url: `/api/v1/things/${ID}?a=b` });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.allow).toBe('GET, HEAD, PATCH, DELETE, OPTIONS');
  });
  it('does so without reading a body', async () => {
    const answer = await app.inject({
      method: 'DELETE',
      url: '/api/v1/things',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    });
    expect(answer.statusCode).toBe(405);
  });
  it('answers OPTIONS with the methods, and HEAD like GET without the body', async () => {
    const options = await app.inject({ method: 'OPTIONS', url: '/api/v1/things' });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    expect((await app.inject({ method: 'OPTIONS', url: '/nothing' })).statusCode).toBe(404);
    const head = await app.inject({ method: 'HEAD', url: `/api/v1/things/${ID}` });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  });
  it.each([
    '/api/v1/things/%',
    '/api/v1/things/%zz',
    '/api/v1/things/%e0%a4',
    '/api/v1/things?q=%',
    '/api/v1/things?q=%e0%a4',
  ])('answers 400 to the broken escape in %s', async (url) => {
    const answer = await app.inject(url);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'bad_request']);
    expect(answer.headers['content-type']).toBe(PROBLEM);
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
  it.each<[string, string]>([
    ['/api/v1/things/abc', 'thing_id'],
    ['/api/v1/things/%00', 'thing_id'],
    [`/api/v1/things/${'x'.repeat(5000)}`, 'thing_id'],
    ['/api/v1/things?q=a%00', 'q'],
    ['/api/v1/things?q=a&q=%00', 'q'],
    ['/api/v1/things?%00=a', ''],
  ])('answers 422 to %s', async (url, path) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  });
  it('takes an id in any case and hands it on in lower case', async () => {
    expect((await app.inject(`/api/v1/things/${ID.toUpperCase()}`)).json()).toEqual({ id: ID });
  });
});

describe('bodies', () => {
  it('takes JSON of UTF-8 as it is', async () => {
    const answer = await post('{"name":"Müller ☃ \\ud834\\udd1e","amount":1}', 'application/json; charset=utf-8');
    expect([answer.statusCode, answer.json()]).toEqual([201, { name: 'Müller ☃ 𝄞', amount: 1 }]);
  });
  it.each<[string, string | Buffer, number, string]>([
    ['half an object', '{', 400, 'malformed_json'],
    ['two values', '{} {}', 400, 'malformed_json'],
    ['a comment', '{/**/}', 400, 'malformed_json'],
    ['what is no UTF-8', Buffer.from('{"name":"\xe9","amount":1}', 'latin1'), 400, 'malformed_json'],
    ['NUL', '{"name":"a\\u0000","amount":1}', 422, 'validation_failed'],
    ['a lone surrogate', '{"name":"\\ud800","amount":1}', 422, 'validation_failed'],
    ['__proto__', '{"name":"a","amount":1,"__proto__":{"x":1}}', 422, 'validation_failed'],
    ['constructor.prototype', '{"name":"a","amount":1,"constructor":{"prototype":{"x":1}}}', 422, 'validation_failed'],
    ['50,000 levels', `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 422, 'validation_failed'],
    ['a list', '[]', 422, 'validation_failed'],
    ['null', 'null', 422, 'validation_failed'],
    ['nothing', '', 422, 'validation_failed'],
    ['3 MB', `{"name":"${'x'.repeat(3_000_000)}","amount":1}`, 413, 'too_large'],
  ])('refuses %s', async (_name, payload, status, code) => {
    const answer = await post(payload);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe(PROBLEM);
  });
  it('names each field at fault', async () => {
    expect((await post('{"name":1,"extra":2}')).json()).toMatchObject({
      errors: [
        { path: 'extra', code: 'unknown_property' },
        { path: 'name', code: 'is_string' },
        { path: 'amount', code: 'required' },
      ],
    });
  });
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
    '*',
  ])('refuses a body of type %s', async (type) => {
    const answer = await post('name=a', type);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([415, 'unsupported_media_type']);
  });
  it('refuses a body that is packed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/things', headers, payload: '{}' });
    expect(answer.statusCode).toBe(415);
  });
  it('takes an empty body where none is wanted, whatever its type says', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await app.inject({ method: 'DELETE', url: `/api/v1/things/${ID}`, headers })).statusCode).toBe(200);
  });
  it('refuses unfit JSON also where the handler declares no class', async () => {
    const request = { method: 'PATCH' as const, url: `/api/v1/things/${ID}` };
    const fit = await app.inject({ ...request, payload: { a: 1 } });
    expect(fit.json()).toMatchObject({ body: { a: 1 } });
    const unfit = await app.inject({ ...request, payload: { a: '\0' } });
    expect(unfit.json()).toMatchObject({ code: 'validation_failed', errors: [{ path: 'a', code: 'nul_character' }] });
  });
});

describe('headers', () => {
  it('keep a request id that is fit, and make one otherwise', async () => {
    const given = async (id: string) =>
      (await app.inject({ url: '/api/v1/things', headers: { 'x-request-id': id } })).headers['x-request-id'];
    expect(await given('abc-1._Z')).toBe('abc-1._Z');
    for (const id of ['', 'a b', 'x'.repeat(65), '<script>', 'a, b']) expect(isUuid(await given(id))).toBe(true);
  });
  it('stand on every answer, and say no-store', async () => {
    const { headers } = await app.inject('/api/v1/things');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
  });
  it('let the documentation run its scripts, and ask for TLS in production alone', async () => {
    const production = await start('production');
    const { headers } = await production.inject('/docs');
    await production.close();
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['strict-transport-security']).toContain('max-age=31536000');
    expect(headers).not.toHaveProperty('vary');
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url: '/api/v1/things',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
  it('lets a known origin call', async () => {
    const { statusCode, headers } = await preflight(ORIGIN);
    expect(statusCode).toBe(204);
    expect(headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'Origin' });
    expect(headers['access-control-allow-headers']).toContain('Authorization');
    const answer = await app.inject({ url: '/api/v1/things/suspended', headers: { origin: ORIGIN } });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'Origin' });
    expect(answer.headers['access-control-expose-headers']).toContain('ETag');
  });
  it('tells another origin nothing', async () => {
    for (const origin of ['https://evil.example.com', 'null', `${ORIGIN}.evil.com`]) {
      const { headers } = await preflight(origin);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers.vary).toBe('Origin');
    }
  });
});

describe('the socket', () => {
  const talk = (port: number, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
      socket.on('close', () => resolve(answer)).on('error', reject);
    });

  it.each<[string, string, string]>([
    ['what is no HTTP', 'nonsense\r\n\r\n', '400'],
    ['headers that are too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, '413'],
    ['NUL in the path', 'GET /a\0b HTTP/1.1\r\nhost: x\r\n\r\n', '400'],
    ['no host', 'GET /api/v1/things HTTP/1.1\r\nconnection: close\r\n\r\n', '400'],
    ['an expectation of nobody', 'GET /none HTTP/1.1\r\nhost: x\r\nexpect: x\r\nconnection: close\r\n\r\n', '404'],
  ])('answers %s by a problem and hangs up', async (_name, text, status) => {
    const server = await start('test');
    await server.listen(0, '127.0.0.1');
    const { port } = server.getHttpServer().address() as AddressInfo;
    const answer = await talk(port, text);
    await server.close();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`content-type: ${PROBLEM}`);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status: Number(status) });
  });
});

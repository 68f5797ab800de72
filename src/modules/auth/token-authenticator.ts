import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { TokenExpired, Unauthenticated } from '../../common/problem.js';
import { Authenticator, type Claims, type IncomingRequest } from '../../platform/access/index.js';
import { JwtStrategy } from './jwt.strategy.js';

/** Bounds of the tokens remembered: how many, and in bytes. */
const MAX_TOKENS = 50_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** Bytes of an entry besides its key, measured. */
const ENTRY_BYTES = 400;

/**
 * Layer 0. A token that was verified is remembered by its whole header, so that it is verified once; its expiry is looked
 * at each time, and whether its session still lives is the snapshot's to say.
 */
@Injectable()
export class TokenAuthenticator extends Authenticator {
  private readonly verified = new LRUCache<string, Claims>({
    max: MAX_TOKENS,
    maxSize: MAX_BYTES,
    sizeCalculation: (_, header) => ENTRY_BYTES + header.length,
  });

  constructor(private readonly strategy: JwtStrategy) {
    super();
  }

  peek({ headers }: IncomingRequest): Claims | undefined {
    const { authorization } = headers;
    if (typeof authorization !== 'string') return undefined;
    const claims = this.verified.get(authorization);
    return claims !== undefined && claims.exp * 1000 > Date.now() ? claims : undefined;
  }

  async verify(request: IncomingRequest): Promise<Claims> {
    const known = this.peek(request);
    if (known !== undefined) return known;
    const verification = await this.strategy.verify(request);
    if ('fault' in verification) throw isExpiry(verification.fault) ? TokenExpired() : Unauthenticated();
    const { authorization } = request.headers;
    if (typeof authorization === 'string') this.verified.set(authorization, verification.claims);
    return verification.claims;
  }
}

/** jsonwebtoken tells it by the name, after it has checked the signature. */
const isExpiry = (fault: unknown): boolean => fault instanceof Error && fault.name === 'TokenExpiredError';

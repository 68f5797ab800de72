import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { isUuid } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';
import type { Claims, IncomingRequest } from '../../platform/access/index.js';
import { signingKey, TOKEN_TYPE } from './access-tokens.js';

/** What a token turned out to be: whose it is, or why it is not good. */
export type Verification = { readonly claims: Claims } | { readonly fault: unknown };

/** Verifies access tokens: the type before anything else, then signature, algorithm, expiry, issuer and audience. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(jwt: JwtService, @Inject(CONFIG) config: Config) {
    const key = signingKey(config);
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request, token: string, done) => {
        // @ts-expect-error the types lack KeyObject, which jsonwebtoken takes; a string costs three times as much
        if (typeOf(jwt, token) === TOKEN_TYPE) done(null, key);
        else done(new Error('not an access token'));
      },
      algorithms: [config.algorithm],
      issuer: config.jwtIssuer,
      audience: config.jwtAudience,
    });
  }

  /** Passport's callback for a token that holds. False: it says not what ours say. */
  validate({ sub, org, sid, exp }: Readonly<Record<string, unknown>>): Claims | false {
    if (!isUuid(sub) || !isUuid(sid) || typeof exp !== 'number') return false;
    return org === null || isUuid(org) ? { sub, org, sid, exp } : false;
  }

  /** The same without Express: what `passport.authenticate` hangs on the strategy is given to a twin for each request. */
  verify(request: IncomingRequest): Promise<Verification> {
    return new Promise((resolve, reject) => {
      const outcome = {
        success: (claims: Claims) => resolve({ claims }),
        fail: (fault: unknown) => resolve({ fault }),
        error: reject,
      };
      (Object.assign(Object.create(this) as object, outcome) as unknown as Twin).authenticate(request);
    });
  }
}

/** passport-jwt reads nothing but headers of a request, although its types ask for one of Express. */
interface Twin {
  authenticate(request: IncomingRequest): void;
}

const WITH_HEADER: { complete?: boolean } = { complete: true };

/** The type that a token says it has; undefined for what is no token. Nothing is verified yet. */
function typeOf(jwt: JwtService, token: string): unknown {
  try {
    return jwt.decode<{ header: { typ?: unknown } } | null>(token, WITH_HEADER)?.header.typ;
  } catch {
    return undefined;
  }
}

import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { newId } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';

/** The type of an access token (RFC 9068, 2.1): no other kind of token passes for one. */
export const TOKEN_TYPE = 'at+jwt';

/** What tokens are signed and verified with. A key object: a string would be made into one at each use. */
export const signingKey = ({ secretKey }: Pick<Config, 'secretKey'>): KeyObject =>
  createSecretKey(Buffer.from(secretKey));

/** Makes access tokens. Who verifies them is `JwtStrategy`. */
@Injectable()
export class AccessTokens {
  /** Seconds for which a token is good. */
  readonly lifetime: number;

  constructor(
    private readonly jwt: JwtService,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.lifetime = config.accessTokenMinutes * 60;
  }

  /** @param session the family of refresh tokens: when it is revoked, so is this */
  make(userId: string, organizationId: string | null, session: string): Promise<string> {
    const { algorithm, jwtIssuer: issuer, jwtAudience: audience } = this.config;
    return this.jwt.signAsync(
      { org: organizationId, sid: session },
      {
        algorithm,
        issuer,
        audience,
        subject: userId,
        jwtid: newId(),
        expiresIn: this.lifetime,
        header: { alg: algorithm, typ: TOKEN_TYPE },
      },
    );
  }
}

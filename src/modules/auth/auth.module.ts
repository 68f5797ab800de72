import { Global, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { CONFIG, type Config } from '../../config/index.js';
import { Authenticator } from '../../platform/access/index.js';
import { AccessTokens, signingKey } from './access-tokens.js';
import { Accounts } from './accounts.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { Credentials } from './credentials.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LoginTenant } from './login-tenant.js';
import { MeService } from './me.service.js';
import { Sessions } from './sessions.js';
import { TokenAuthenticator } from './token-authenticator.js';

/** Sign-in and sessions. Global for the guard, which asks the Authenticator. */
@Global()
@Module({
  imports: [
    JwtModule.registerAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({ secret: signingKey(config) }),
    }),
  ],
  controllers: [AuthController],
  providers: [
    { provide: Authenticator, useClass: TokenAuthenticator },
    ...[JwtStrategy, AccessTokens, Accounts, LoginTenant, Credentials, Sessions, AuthService, MeService],
  ],
  exports: [Authenticator],
})
export class AuthModule {}

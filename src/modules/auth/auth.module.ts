import { Global, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { CONFIG, type Config } from '../../config/index.js';
import { Authenticator } from '../../platform/access/index.js';
import { UsersModule } from '../users/index.js';
import { AccessTokens, signingKey } from './access-tokens.js';
import { Accounts } from './accounts.js';
import { Afterwards } from './afterwards.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { Credentials } from './credentials.js';
import { EmailController } from './email/email.controller.js';
import { EmailService } from './email/email.service.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LoginTenant } from './login-tenant.js';
import { MeService } from './me.service.js';
import { PasswordController } from './passwords/password.controller.js';
import { PasswordRequests } from './passwords/password-requests.js';
import { PasswordService } from './passwords/password.service.js';
import { StoredPasswords } from './passwords/stored-passwords.js';
import { UserPasswordController } from './passwords/user-password.controller.js';
import { Sessions } from './sessions.js';
import { TokenAuthenticator } from './token-authenticator.js';
import { OneTimeTokens } from './tokens/one-time-tokens.js';

/** Sign-in, sessions, passwords and one-time tokens. Global for the guard, which asks the Authenticator. */
@Global()
@Module({
  imports: [
    UsersModule,
    JwtModule.registerAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({ secret: signingKey(config) }),
    }),
  ],
  controllers: [AuthController, PasswordController, UserPasswordController, EmailController],
  providers: [
    { provide: Authenticator, useClass: TokenAuthenticator },
    ...[JwtStrategy, AccessTokens, Accounts, LoginTenant, Credentials, Sessions, AuthService, MeService],
    ...[OneTimeTokens, StoredPasswords, PasswordService, PasswordRequests, EmailService, Afterwards],
  ],
  exports: [Authenticator, OneTimeTokens, AuthService, Afterwards],
})
export class AuthModule {}

import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/index.js';
import type { IncomingRequest } from '../../../platform/access/index.js';
import { Mailer } from '../../../platform/mail/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { Afterwards } from '../afterwards.js';
import { LoginTenant } from '../login-tenant.js';
import { type Addressee, passwordMail } from '../mails.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';
import type { ForgotPasswordInput } from './password.dto.js';

/** So many accounts of one address get a mail. */
const MAX_MAILS = 5;

const ADDRESSEE = `select u.id as "userId", u.organization_id as "organizationId", u.email, o.tenant_name as "tenantName"
  from core.users u left join core.organizations o on o.id = u.organization_id`;
/** Who may sign in with a password: the others have none to forget, or nothing to come back to. */
const ADDRESSEES = {
  name: 'forgotten-password',
  text: `${ADDRESSEE}
    left join core.user_tenant_associations a on a.organization_id = u.organization_id and a.user_id = u.id
    where u.email_lower = lower($1) and ($2::uuid is null or u.organization_id = $2)
      and u.deleted_at is null and u.status = 'active' and u.hashed_password is not null
      and (u.organization_id is null or (o.deleted_at is null and o.status = 'active' and a.status = 'active'))
    order by u.last_login_at desc nulls last, u.id limit ${String(MAX_MAILS)}`,
};

/** Forgotten passwords: nobody learns by asking whether an address has an account. */
@Injectable()
export class PasswordRequests {
  constructor(
    private readonly tenant: LoginTenant,
    private readonly tokens: OneTimeTokens,
    private readonly platform: PlatformUnit,
    private readonly mailer: Mailer,
    private readonly afterwards: Afterwards,
    @Inject(CONFIG) private readonly config: Pick<Config, 'projectName'>,
  ) {}

  /** Mails a token to each account that is meant, once it has been answered. */
  async request({ email, tenant_code }: ForgotPasswordInput, request: IncomingRequest): Promise<void> {
    const tenant = await this.tenant.of(tenant_code, request);
    const organizationId = tenant.kind === 'tenant' ? tenant.organizationId : null;
    this.afterwards.run(async () => {
      if (tenant.kind === 'unknown') return;
      const addressees = await this.platform.query<Addressee>({ ...ADDRESSEES, values: [email, organizationId] });
      for (const addressee of addressees) await this.mail(addressee);
    });
  }

  /** Mails a token to a member because somebody who may manage him asks, once that has been answered. */
  requestFor(userId: string): void {
    this.afterwards.run(async () => {
      const text = `${ADDRESSEE} where u.id = $1 and u.deleted_at is null`;
      const [addressee] = await this.platform.query<Addressee>({ text, values: [userId] });
      if (addressee !== undefined) await this.mail(addressee);
    });
  }

  private async mail(addressee: Addressee): Promise<void> {
    const { userId, organizationId, email } = addressee;
    const { token } = await this.platform.transaction((work) =>
      this.tokens.make(work, { purpose: 'password', organizationId, userId, email }),
    );
    this.mailer.send(passwordMail(addressee, token, this.config.projectName));
  }
}

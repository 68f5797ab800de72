import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/index.js';
import type { Claims } from '../../../platform/access/index.js';
import { Mailer } from '../../../platform/mail/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { isStillHis, lockedUser } from '../locked-user.js';
import { type Addressee, verificationMail } from '../mails.js';
import { runAs } from '../run-as.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';
import { invalidToken } from '../tokens/token-problem.js';

const UNVERIFIED = {
  name: 'unverified-address',
  text: `select u.id as "userId", u.organization_id as "organizationId", u.email, o.tenant_name as "tenantName"
    from core.users u left join core.organizations o on o.id = u.organization_id
    where u.id = $1 and not u.is_email_verified`,
};

/** Whether an address is its user's own. */
@Injectable()
export class EmailService {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly platform: PlatformUnit,
    private readonly mailer: Mailer,
    @Inject(CONFIG) private readonly config: Pick<Config, 'projectName'>,
  ) {}

  /** @throws ValidationFailed at `token`: also when the user has another address by now */
  async verify(token: string): Promise<void> {
    const found = await this.tokens.find('email', token);
    const userId = found?.userId ?? null;
    if (found === undefined || userId === null) throw invalidToken();
    await runAs({ userId, organizationId: found.organizationId ?? null }, () =>
      this.platform.transaction(async (work) => {
        const user = await lockedUser(work, userId);
        const used = await this.tokens.use(work, 'email', token);
        if (user === null || used === undefined || !isStillHis(user, used.email)) throw invalidToken();
        user.isEmailVerified = true;
        await work.em.flush();
      }),
    );
  }

  /** Mails the caller a new token, unless his address is verified. */
  async resend({ sub }: Claims): Promise<void> {
    const [addressee] = await this.platform.query<Addressee>({ ...UNVERIFIED, values: [sub] });
    if (addressee === undefined) return;
    const { userId, organizationId, email } = addressee;
    const { token } = await this.platform.transaction((work) =>
      this.tokens.make(work, { purpose: 'email', organizationId, userId, email }),
    );
    this.mailer.send(verificationMail(addressee, token, this.config.projectName));
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import { Mailer } from '../../platform/mail/index.js';
import { findScope } from '../../platform/tenancy/index.js';
import type { PlatformTransaction } from '../../platform/tenancy/platform.js';
import { type MadeToken, OneTimeTokens } from '../auth/index.js';
import { type Invited, invitationMail } from './invitation-mail.js';

export interface InvitationInput {
  /** Of the invitation; a new one when left out. */
  readonly id?: string;
  readonly organizationId: string;
  /** A user who exists already, inactive and without a password; null: one is made when it is accepted. */
  readonly userId: string | null;
  readonly email: string;
  /** What a new user gets; one who exists has his own. */
  readonly roleCodes: readonly string[];
  readonly reportsToId?: string | null;
}

/** An invitation, whose token its mail alone says. */
export type Invitation = Pick<MadeToken, 'id' | 'expiresAt'>;

/** The name of a tenant, and of a member of it: people of the platform are not named to tenants. */
const NAMES = `select o.tenant_name as "tenantName", (
    select coalesce(u.full_name, nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.username)
    from core.users u join core.user_tenant_associations a on a.user_id = u.id and a.organization_id = o.id
    where u.id = $2) as "invitedBy"
  from core.organizations o where o.id = $1`;

/** Makes invitations, whoever is entitled to them, and mails them. */
@Injectable()
export class Invitations {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly mailer: Mailer,
    @Inject(CONFIG) private readonly config: Pick<Config, 'projectName'>,
  ) {}

  /**
   * An invitation in the name of the scope's actor, good for 7 days and mailed once the transaction has committed. The
   * ones before, for the same user or address of the tenant, are revoked.
   */
  async invite(work: PlatformTransaction, input: InvitationInput): Promise<Invitation> {
    const invitedBy = findScope()?.actor.id ?? null;
    const made = await this.tokens.make(work, { purpose: 'invitation', ...input, invitedBy });
    await this.mail(work, input, made);
    return { id: made.id, expiresAt: made.expiresAt };
  }

  /**
   * A fresh token for another 7 days, mailed as the first one was; that one is worth nothing from now on.
   * @returns false for an invitation that was accepted or revoked
   */
  async resend(
    work: PlatformTransaction,
    invitation: { readonly id: string; readonly organizationId: string; readonly email: string },
  ): Promise<boolean> {
    const made = await this.tokens.renew(work, invitation.id, invitation.email);
    if (made !== undefined) await this.mail(work, invitation, made);
    return made !== undefined;
  }

  /** One that was neither used nor revoked ends. */
  revoke(work: PlatformTransaction, id: string): Promise<void> {
    return this.tokens.end(work, id);
  }

  private async mail(
    work: PlatformTransaction,
    { organizationId, email }: Pick<InvitationInput, 'organizationId' | 'email'>,
    { token }: MadeToken,
  ): Promise<void> {
    const [names] = await work.query<Pick<Invited, 'tenantName' | 'invitedBy'>>({
      text: NAMES,
      values: [organizationId, findScope()?.actor.id ?? null],
    });
    if (names === undefined) throw new Error('an invitation is to an organization');
    const mail = invitationMail({ organizationId, email, ...names }, token, this.config.projectName);
    work.onCommit(() => this.mailer.send(mail));
  }
}

import type { Mail } from '../../platform/mail/index.js';

/** What the mail says besides the token. */
export interface Invited {
  readonly organizationId: string;
  readonly email: string;
  readonly tenantName: string;
  /** null: the platform itself */
  readonly invitedBy: string | null;
}

/** The mail with the token for `POST /auth/invitations/accept`. */
export const invitationMail = (
  { email, organizationId, tenantName, invitedBy }: Invited,
  token: string,
  product: string,
): Mail => ({
  to: email,
  organizationId,
  token,
  subject: `Your invitation to ${tenantName}`,
  text: `${[
    `${invitedBy ?? product} invites you to ${tenantName} (${product}).`,
    `This token accepts it, within seven days and once:`,
    token,
    `If you know nothing of it, there is nothing to do.`,
  ].join('\n\n')}\n`,
});

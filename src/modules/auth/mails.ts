import type { Mail } from '../../platform/mail/index.js';

/** Whom a mail is for, and about which account. */
export interface Addressee {
  readonly userId: string;
  /** null: a platform user */
  readonly organizationId: string | null;
  readonly email: string;
  readonly tenantName: string | null;
}

/** The mail with the token for `POST /auth/password/reset`. */
export const passwordMail = (to: Addressee, token: string, product: string): Mail =>
  mailOf(to, `New password for ${product}`, [
    `Somebody asked for a new password for ${accountOf(to, product)}.`,
    `If it was you, this token sets it, within an hour and once:`,
    token,
    `If it was not, there is nothing to do: your password stays as it is.`,
  ]);

/** The mail with the token for `POST /auth/email/verify`. */
export const verificationMail = (to: Addressee, token: string, product: string): Mail =>
  mailOf(to, `Your address at ${product}`, [
    `This address was given for ${accountOf(to, product)}.`,
    `If it is yours, this token confirms it, within two days and once:`,
    token,
    `If you know nothing of it, there is nothing to do.`,
  ]);

const accountOf = ({ email, tenantName }: Addressee, product: string): string =>
  `${email} at ${tenantName === null ? product : `${tenantName} (${product})`}`;

const mailOf = ({ email, organizationId }: Addressee, subject: string, paragraphs: readonly string[]): Mail => ({
  to: email,
  organizationId,
  subject,
  text: `${paragraphs.join('\n\n')}\n`,
});

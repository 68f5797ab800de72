import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant, lowerOf, oneOf, platformWall, stamps, version } from '../../../platform/database/index.js';

/**
 * Invitations, e-mail verifications and password resets: single use, stored hashed. Only the platform login reads and
 * writes it: whoever presents a token has no tenant yet.
 */
const OneTimeTokenSchema = defineEntity({
  name: 'OneTimeToken',
  schema: 'core',
  tableName: 'one_time_tokens',
  ...platformWall,
  checks: [oneOf('one_time_tokens', 'purpose', ['invitation', 'email', 'password'])],
  uniques: [{ name: 'one_time_tokens_token_hash_key', properties: ['tokenHash'] }],
  indexes: [
    { name: 'one_time_tokens_organization_id_user_id_idx', properties: ['organizationId', 'userId'] },
    // lists of invitations: the newest first
    {
      name: 'one_time_tokens_invitations_idx',
      properties: ['organizationId', 'createdAt', 'id'],
      where: `purpose = 'invitation'`,
    },
  ],
  properties: {
    ...id,
    purpose: p.string().length(10).$type<'invitation' | 'email' | 'password'>(),
    organizationId: p.uuid().nullable(),
    userId: p.uuid().nullable(),
    email: p.string().length(255),
    emailLower: lowerOf('email', 255),
    roleCodes: p.json<string[]>().defaultRaw(`'[]'`),
    // whom the invited person will report to
    reportsToId: p.uuid().nullable(),
    invitedBy: p.uuid().nullable(),
    tokenHash: p.string().length(64).hidden(),
    expiresAt: instant(),
    usedAt: instant().nullable(),
    revokedAt: instant().nullable(),
    ...version,
    ...stamps,
  },
});
export class OneTimeToken extends OneTimeTokenSchema.class {}
OneTimeTokenSchema.setClass(OneTimeToken);

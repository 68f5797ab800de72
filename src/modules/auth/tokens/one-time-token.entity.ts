import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant, oneOf, platformWall, stamps } from '../../../platform/database/index.js';

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
  indexes: [{ name: 'one_time_tokens_organization_id_user_id_idx', properties: ['organizationId', 'userId'] }],
  properties: {
    ...id,
    purpose: p.string().length(10).$type<'invitation' | 'email' | 'password'>(),
    organizationId: p.uuid().nullable(),
    userId: p.uuid().nullable(),
    email: p.string().length(255),
    roleCodes: p.json<string[]>().defaultRaw(`'[]'`),
    invitedBy: p.uuid().nullable(),
    tokenHash: p.string().length(64).hidden(),
    expiresAt: instant(),
    usedAt: instant().nullable(),
    revokedAt: instant().nullable(),
    ...stamps,
  },
});
export class OneTimeToken extends OneTimeTokenSchema.class {}
OneTimeTokenSchema.setClass(OneTimeToken);

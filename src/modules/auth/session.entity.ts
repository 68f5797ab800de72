import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant, reference, sessionsWall, stamps } from '../../platform/database/index.js';
import { User } from '../users/index.js';

const user = () => reference(User, { user_id: 'id' });

/**
 * One refresh token. The tokens that follow one another from a sign-in share `family`, which is the session that an
 * access token's `sid` names. Only the platform login reads and writes it: the tenant is not known before.
 */
const SessionSchema = defineEntity({
  name: 'Session',
  schema: 'core',
  tableName: 'sessions',
  ...sessionsWall,
  uniques: [{ name: 'sessions_refresh_hash_key', properties: ['refreshHash'] }],
  indexes: [
    { name: 'sessions_family_idx', properties: ['family'] },
    { name: 'sessions_organization_id_user_id_idx', properties: ['organizationId', 'userId'] },
    // of somebody who is deleted for good, wherever he has been
    { name: 'sessions_user_id_idx', properties: ['userId'] },
  ],
  properties: {
    ...id,
    userId: p.uuid(),
    user,
    organizationId: p.uuid().nullable(),
    refreshHash: p.string().length(64).hidden(),
    family: p.uuid(),
    userAgent: p.string().length(255).nullable(),
    ip: p.string().length(45).nullable(),
    expiresAt: instant(),
    revokedAt: instant().nullable(),
    replacedBy: p.uuid().nullable(),
    ...stamps,
  },
});
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

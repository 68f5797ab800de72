import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  builtInFilter,
  id,
  instant,
  lowerOf,
  oneOf,
  reference,
  softDelete,
  stamps,
  usersWall,
  version,
} from '../../platform/database/index.js';
import { Organization } from '../../platform/tenancy/index.js';

const living = 'deleted_at is null';
const livingPlatform = 'deleted_at is null and organization_id is null';

/** A person. `organizationId` null is a platform user. The password's hash is loaded only where it is asked for. */
const UserSchema = defineEntity({
  name: 'User',
  schema: 'core',
  tableName: 'users',
  ...usersWall,
  filters: builtInFilter,
  checks: [oneOf('users', 'status', ['active', 'inactive', 'suspended'])],
  uniques: [
    { name: 'users_organization_id_username_key', properties: ['organizationId', 'usernameLower'], where: living },
    { name: 'users_organization_id_email_key', properties: ['organizationId', 'emailLower'], where: living },
    { name: 'users_platform_username_key', properties: ['usernameLower'], where: livingPlatform },
    { name: 'users_platform_email_key', properties: ['emailLower'], where: livingPlatform },
  ],
  indexes: [
    // sign-in looks an address up before the tenant is known
    { name: 'users_email_lower_idx', properties: ['emailLower'], where: living },
  ],
  properties: {
    ...id,
    organizationId: p.uuid().nullable(),
    organization: () => reference(Organization, { organization_id: 'id' }).nullable(),
    username: p.string().length(100),
    usernameLower: lowerOf('username', 100),
    email: p.string().length(255),
    emailLower: lowerOf('email', 255),
    hashedPassword: p.string().length(255).nullable().hidden().lazy(),
    fullName: p.string().length(100).nullable(),
    firstName: p.string().length(100).nullable(),
    lastName: p.string().length(100).nullable(),
    phone: p.string().length(255).nullable(),
    avatarUrl: p.string().length(255).nullable(),
    status: p.string().length(10).default('active').$type<'active' | 'inactive' | 'suspended'>(),
    isEmailVerified: p.boolean().default(false),
    lastLoginAt: instant().nullable(),
    lockedUntil: instant().nullable(),
    preferences: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class User extends UserSchema.class {}
UserSchema.setClass(User);

import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  associationsWall,
  instant,
  oneOf,
  reference,
  stamps,
  tenantFilter,
  version,
} from '../../platform/database/index.js';
import { Organization } from '../../platform/tenancy/index.js';
import { User } from './user.entity.js';

/**
 * Membership: every member has a row, at home and as a guest elsewhere. Roles, grants, modules and superiors refer to
 * it by (organization, user), so that none of them can name a stranger.
 */
const UserTenantAssociationSchema = defineEntity({
  name: 'UserTenantAssociation',
  schema: 'core',
  tableName: 'user_tenant_associations',
  ...associationsWall,
  filters: tenantFilter,
  checks: [
    oneOf('user_tenant_associations', 'status', ['active', 'inactive', 'suspended']),
    { name: 'user_tenant_associations_own_superior_check', expression: 'reports_to_id <> user_id' },
  ],
  indexes: [
    { name: 'user_tenant_associations_user_id_idx', properties: ['userId'] },
    {
      name: 'user_tenant_associations_organization_id_reports_to_id_idx',
      properties: ['organizationId', 'reportsToId'],
    },
    // lists of members: the newest first
    { name: 'user_tenant_associations_created_at_idx', properties: ['organizationId', 'createdAt', 'userId'] },
  ],
  properties: {
    organizationId: p.uuid().primary(),
    userId: p.uuid().primary(),
    organization: () => reference(Organization, { organization_id: 'id' }),
    user: () => reference(User, { user_id: 'id' }),
    status: p.string().length(10).default('active').$type<'active' | 'inactive' | 'suspended'>(),
    reportsToId: p.uuid().nullable(),
    reportsTo: () =>
      reference(UserTenantAssociation, { organization_id: 'organization_id', reports_to_id: 'user_id' }).nullable(),
    joinedAt: instant().defaultRaw('now()'),
    // at home in another organization: a trigger says so, and the application's login makes no such row
    isGuest: p.boolean().default(false),
    ...version,
    ...stamps,
  },
});
export class UserTenantAssociation extends UserTenantAssociationSchema.class {}
UserTenantAssociationSchema.setClass(UserTenantAssociation);

/** A member by (organization, user): so that no link can name a stranger. */
export const memberReference = () =>
  reference(UserTenantAssociation, { organization_id: 'organization_id', user_id: 'user_id' }).ownColumns('user_id');

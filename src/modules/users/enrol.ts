import type { EntityManager } from '@mikro-orm/postgresql';
import { Organization } from '../../platform/tenancy/index.js';
import { Role } from '../rbac/index.js';
import { UserTenantAssociation } from './association.entity.js';
import { UserRole } from './rights.entity.js';
import type { GivenRole } from './role-lookup.js';

type Given = Pick<GivenRole, 'id' | 'scopeId'>;

/** A membership, at home or as a guest, with the roles that come with it: written by the next flush. */
export function enrol(
  em: EntityManager,
  user: UserTenantAssociation['user'],
  organizationId: string,
  { roles, reportsToId = null }: { readonly roles: readonly Given[]; readonly reportsToId?: string | null },
): void {
  const organization = em.getReference(Organization, organizationId, { wrapped: true });
  em.create(UserTenantAssociation, { organizationId, organization, userId: user.id, user, reportsToId });
  for (const role of roles) giveRole(em, user, organizationId, role);
}

/** Written by the next flush. @param organizationId null: of a platform user */
export function giveRole(
  em: EntityManager,
  user: UserRole['user'],
  organizationId: string | null,
  { id, scopeId }: Given,
): void {
  const role = em.getReference(Role, id, { wrapped: true });
  em.create(UserRole, { organizationId, userId: user.id, user, roleScopeId: scopeId, role });
}

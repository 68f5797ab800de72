import { type EntityManager, ref } from '@mikro-orm/postgresql';
import { UserGroup, UserGroupMember } from '../modules/groups/index.js';
import { enrol, giveRole, User, UserTenantAssociation } from '../modules/users/index.js';
import type { PlatformTransaction, PlatformUnit } from '../platform/tenancy/platform.js';
import { CliError, EXIT } from './exit.js';

export interface NewUser {
  readonly id: string;
  /** null: of the platform */
  readonly organizationId: string | null;
  readonly email: string;
  readonly username: string;
  readonly fullName: string | null;
  readonly hashedPassword: string;
  readonly reportsToId: string | null;
  readonly roles: readonly FoundRole[];
}
export interface FoundRole {
  readonly id: string;
  readonly code: string;
  /** The organization that the role is of, or the zero uuid of a built-in one. */
  readonly scopeId: string;
}

/** Unique keys of users, and what is taken when they refuse. */
const TAKEN: Record<string, 'email' | 'username'> = {
  users_organization_id_email_key: 'email',
  users_platform_email_key: 'email',
  users_organization_id_username_key: 'username',
  users_platform_username_key: 'username',
};

/** The user, his membership and his roles in one transaction. Throws a CliError for what is taken. */
export async function writeUser(platform: PlatformUnit, user: NewUser): Promise<void> {
  try {
    await platform.transaction((transaction) => create(transaction, user));
  } catch (error) {
    const constraint = error instanceof Error && 'constraint' in error ? String(error.constraint) : '';
    const taken = TAKEN[constraint];
    if (taken === undefined) throw error;
    throw new CliError(EXIT.fault, `The ${taken} ${user[taken]} is taken there.`);
  }
}

async function create({ em }: PlatformTransaction, { roles, reportsToId, ...input }: NewUser): Promise<void> {
  const { id: userId, organizationId } = input;
  const user = ref(em.create(User, { ...input, preferences: {} }));
  if (organizationId === null) {
    for (const role of roles) giveRole(em, user, null, role);
    return;
  }
  enrol(em, user, organizationId, { roles, reportsToId });
  await join(em, organizationId, userId);
}

/** The group that gets each new user, where the tenant has it. */
async function join(em: EntityManager, organizationId: string, userId: string): Promise<void> {
  const group = await em.findOne(UserGroup, { organizationId, groupCodeLower: 'regular_users', deletedAt: null });
  if (group === null) return;
  const member = em.getReference(UserTenantAssociation, [organizationId, userId], { wrapped: true });
  em.create(UserGroupMember, { organizationId, group: ref(group), member });
}

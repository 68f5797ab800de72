import { ref } from '@mikro-orm/postgresql';
import { joinRegularUsers } from '../../modules/groups/index.js';
import { enrol, giveRole, User } from '../../modules/users/index.js';
import type { PlatformTransaction, PlatformUnit } from '../../platform/tenancy/platform.js';
import { CliError, EXIT } from '../exit.js';

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
    await platform.transaction((transaction) => create(platform, transaction, user));
  } catch (error) {
    const constraint = error instanceof Error && 'constraint' in error ? String(error.constraint) : '';
    const taken = TAKEN[constraint];
    if (taken === undefined) throw error;
    throw new CliError(EXIT.fault, `The ${taken} ${user[taken]} is taken there.`);
  }
}

async function create(
  platform: PlatformUnit,
  { em }: PlatformTransaction,
  { roles, reportsToId, ...input }: NewUser,
): Promise<void> {
  const { id: userId, organizationId } = input;
  const user = ref(em.create(User, { ...input, preferences: {} }));
  if (organizationId === null) {
    for (const role of roles) giveRole(em, user, null, role);
    return;
  }
  enrol(em, user, organizationId, { roles, reportsToId });
  await em.flush();
  await joinRegularUsers(platform, organizationId, userId);
}

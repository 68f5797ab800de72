import { isUuid } from '../common/ids.js';
import type { PlatformUnit } from '../platform/tenancy/platform.js';
import { usage } from './exit.js';

export interface FoundTenant {
  readonly id: string;
  readonly code: string;
}

/** An organization by its code or id: a living one, or any that is not purged yet. Throws a CliError for none. */
export async function findTenant(
  platform: PlatformUnit,
  named: string,
  which: 'living' | 'any' = 'living',
): Promise<FoundTenant> {
  const [tenant] = await platform.query<FoundTenant>({
    text: `select id, tenant_code as code from core.organizations where ${which === 'any' ? '' : 'deleted_at is null and '}${isUuid(named) ? 'id::text = lower($1)' : 'tenant_code_lower = lower($1)'}`,
    values: [named],
  });
  if (tenant === undefined) throw usage(`There is no tenant "${named}".`, 'Give its code or its id.');
  return tenant;
}

/**
 * A living user by id, e-mail or username: a member of the organization, or (null) a platform user. A platform user is
 * found in any organization, since he acts in any. Throws a CliError for none.
 */
export async function findUser(platform: PlatformUnit, named: string, organizationId: string | null): Promise<string> {
  const [user] = await platform.query<{ id: string }>({
    text: `select u.id from core.users u
      left join core.user_tenant_associations a on a.user_id = u.id and a.organization_id = $2
      where u.deleted_at is null and (u.organization_id is null or a.user_id is not null)
        and ${isUuid(named) ? 'u.id::text = lower($1)' : '(u.email_lower = lower($1) or u.username_lower = lower($1))'}
      order by a.user_id is null, u.email_lower = lower($1) desc limit 1`,
    values: [named, organizationId],
  });
  if (user === undefined) throw usage(`There is no user "${named}" there.`, 'Give the e-mail, the username or the id.');
  return user.id;
}

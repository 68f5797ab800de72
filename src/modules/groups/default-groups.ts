import { newId } from '../../common/ids.js';
import { type AuditEntry, auditContext, auditInsert } from '../../platform/tenancy/index.js';
import { link, type Running } from './group-links.js';
import { ALL_MEMBERS, REGULAR_USERS } from './user-groups.js';

/** What every tenant has from its first day on. */
const DEFAULT_GROUPS = [
  { group_code: ALL_MEMBERS, group_name: 'All members', description: 'Everybody who is a member', priority: 0 },
  { group_code: REGULAR_USERS, group_name: 'Regular users', description: 'Every new user', priority: 10 },
  { group_code: 'vip_users', group_name: 'VIP users', description: null, priority: 20 },
  { group_code: 'premium_users', group_name: 'Premium users', description: null, priority: 30 },
] as const;

interface MadeGroup {
  readonly id: string;
  readonly group_code: string;
}

/**
 * Makes the groups of the system that the tenant has not, each with its audit entry, in the transaction that runs. Those
 * who are users of it already are its regular users. @returns the codes of those that were made
 */
export async function makeDefaultGroups(unit: Running, organizationId: string): Promise<string[]> {
  const wanted = DEFAULT_GROUPS.map((group) => ({ id: newId(), group_type: 'system', ...group }));
  const made = await unit.write<MadeGroup>({
    text: `insert into core.user_groups (id, organization_id, group_code, group_name, description, priority, group_type, created_by, updated_by)
      select w.id, $1::uuid, w.group_code, w.group_name, w.description, w.priority, w.group_type, $3::uuid, $3::uuid
      from jsonb_to_recordset($2::jsonb) as w (id uuid, group_code text, group_name text, description text, priority int, group_type text)
      on conflict (organization_id, group_code_lower) where deleted_at is null do nothing returning id, group_code`,
    values: [organizationId, JSON.stringify(wanted), auditContext().actorId],
  });
  const byCode = new Map(wanted.map(({ id: _, ...group }) => [group.group_code as string, group]));
  const entries = made.map(({ id, group_code: code }): AuditEntry => {
    const after = { ...byCode.get(code), settings: {} };
    return { organizationId, action: 'create', resource: 'user_groups', resourceId: id, changes: { after } };
  });
  if (entries.length > 0) await unit.write(auditInsert('core.audit_log', entries));
  const regular = made.find(({ group_code: code }) => code === REGULAR_USERS);
  if (regular !== undefined) await link(unit, organizationId, regular.id, await livingUsers(unit, organizationId));
  return made.map(({ group_code: code }) => code);
}

async function livingUsers(unit: Running, organizationId: string): Promise<string[]> {
  const users = await unit.read<{ id: string }>({
    text: `select u.id from core.users u join core.user_tenant_associations a on a.organization_id = u.organization_id and a.user_id = u.id
      where u.organization_id = $1 and u.deleted_at is null`,
    values: [organizationId],
  });
  return users.map(({ id }) => id);
}

/** Puts a new user into the group that is for each of them, in the transaction that runs; nothing where it is not there. */
export async function joinRegularUsers(unit: Running, organizationId: string, userId: string): Promise<void> {
  const [group] = await unit.read<{ id: string }>({
    text: `select id from core.user_groups where organization_id = $1 and group_code_lower = $2 and deleted_at is null for key share`,
    values: [organizationId, REGULAR_USERS],
  });
  if (group !== undefined) await link(unit, organizationId, group.id, [userId]);
}

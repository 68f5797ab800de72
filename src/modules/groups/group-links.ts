import { type AuditEntry, auditContext, auditInsert, type Unit } from '../../platform/tenancy/index.js';

/** A transaction that runs, of either login. */
export type Running = Pick<Unit, 'read' | 'write'>;

/** Puts members into a group, in the transaction that runs. @returns those who were not in it */
export async function link(
  unit: Running,
  organizationId: string,
  groupId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const made = await unit.write<Link>({
    text: `insert into core.user_group_members (id, organization_id, group_id, user_id, created_by, updated_by)
      select uuidv7(), $1::uuid, $2::uuid, user_id, $4::uuid, $4::uuid from unnest($3::uuid[]) user_id order by user_id
      on conflict (organization_id, group_id, user_id) do nothing returning id, group_id, user_id`,
    values: [organizationId, groupId, userIds, auditContext().actorId],
  });
  await note(unit, organizationId, 'create', made);
  return made.map(({ user_id: userId }) => userId);
}

/** Takes members out of a group, in the transaction that runs. @param userIds all, when left out. @returns how many */
export async function unlink(
  unit: Running,
  organizationId: string,
  groupId: string,
  userIds?: readonly string[],
): Promise<number> {
  const gone = await unit.write<Link>({
    text: `delete from core.user_group_members where organization_id = $1 and group_id = $2 and ($3::uuid[] is null or user_id = any($3)) returning id, group_id, user_id`,
    values: [organizationId, groupId, userIds ?? null],
  });
  await note(unit, organizationId, 'delete', gone);
  return gone.length;
}

interface Link {
  readonly id: string;
  readonly group_id: string;
  readonly user_id: string;
}
/** Entries of one insert: PostgreSQL takes 65,535 parameters a statement. */
const ENTRIES_AT_ONCE = 1_000;

async function note(
  unit: Running,
  organizationId: string,
  action: 'create' | 'delete',
  links: readonly Link[],
): Promise<void> {
  const entries = links.map(({ id, ...row }): AuditEntry => {
    const changes = action === 'create' ? { after: row } : { before: row };
    return { organizationId, action, resource: 'user_group_members', resourceId: id, changes };
  });
  for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE)
    await unit.write(auditInsert('core.audit_log', entries.slice(from, from + ENTRIES_AT_ONCE)));
}

import pg from 'pg';
import { ZERO_ID } from '../../../common/ids.js';
import { auditInsert, MASK, masked } from '../audit.js';
import type { OnStep } from '../moving/move-context.js';
import { type MovedTable, readTables, tableAt } from '../moving/place-tables.js';
import { unhurried } from '../moving/brake.js';
import { deleteBatch, isLastBatch } from '../moving/removal.js';
import {
  BURY_USERS,
  inTransaction,
  IS_NAMED,
  IS_OWN,
  noteRemoved,
  type PurgeNotes,
  type PurgeReport,
  readNotes,
} from './purge-records.js';

/** They stay, go last, or go by what the tables around them are told: its moves say where something of it stands. */
const APART = ['tombstones', 'organizations', 'access_version', 'moves'];
const APPEND_ONLY = 'audit_log';
/** Entries that go at once: each time all that are left are looked at. */
const ENTRIES = 20_000;

/** Tables of core that have rows of tenants, whatever they are: one that is new needs no word here. Parents first. */
async function purgedTables(core: pg.Client): Promise<MovedTable[]> {
  return (await readTables(core, 'core')).filter(({ name }) => !APART.includes(name));
}

/** Nearly all that core has, in batches: each raises the version of what is known of the tenant as often as it has rows. */
export async function removeCoreRows(core: pg.Client, organizationId: string, onStep: OnStep): Promise<void> {
  const tables = await purgedTables(core);
  await inTransaction(core, () => leaveOthers(core, organizationId, tables));
  for (const table of tables.toReversed()) {
    for (let isLast = false; !isLast;) {
      const batch = () => inTransaction(core, () => removeBatch(core, organizationId, table));
      isLast = isLastBatch(table, await unhurried(batch));
      await onStep('core_rows');
    }
  }
}

async function removeBatch(core: pg.Client, organizationId: string, table: MovedTable): Promise<number> {
  await core.query('select core.assert_purged($1)', [organizationId]);
  const removed =
    table.name === APPEND_ONLY
      ? await removeAudit(core, organizationId)
      : await deleteBatch(core, 'core', organizationId, table);
  await noteRemoved(core, organizationId, table.name, removed);
  return removed;
}

async function removeAudit(core: pg.Client, organizationId: string): Promise<number> {
  const { rows } = await core.query<{ removed: number }>('select core.remove_purged_audit($1, $2) as removed', [
    organizationId,
    ENTRIES,
  ]);
  return rows[0]?.removed ?? 0;
}

/** Its people go from other tenants too, each of which finds that in its own log. */
async function leaveOthers(core: pg.Client, organizationId: string, tables: readonly MovedTable[]): Promise<void> {
  const entry = (table: string, action: string, changes: string) =>
    `insert into core.audit_log (organization_id, id, action, resource, resource_id, changes)
     select coalesce(organization_id, '${ZERO_ID}'), gen_random_uuid(), '${action}', '${table}',
       coalesce((to_jsonb(gone) ->> 'id')::uuid, user_id), ${changes} from gone`;
  await core.query(
    `with gone as (update core.user_tenant_associations t set reports_to_id = null, version = t.version + 1, updated_at = now()
       from core.users u where u.id = t.reports_to_id and u.organization_id = $1 and t.organization_id <> $1 returning t.*, u.id as before)
     ${entry('user_tenant_associations', 'update', `jsonb_build_object('before', jsonb_build_object('reports_to_id', before), 'after', jsonb_build_object('reports_to_id', null))`)}`,
    [organizationId],
  );
  for (const table of tables.toReversed()) {
    const names = table.columns.map(({ name }) => name);
    if (!names.includes('user_id')) continue;
    const secrets = names.filter((name) => masked(name, '') === MASK);
    const hidden = pg.escapeLiteral(JSON.stringify(Object.fromEntries(secrets.map((name) => [name, MASK]))));
    await core.query(
      `with gone as (delete from ${tableAt('core', table)} t using core.users u
         where u.id = t.user_id and u.organization_id = $1 and t.organization_id is distinct from $1 returning t.*)
       ${entry(table.name, 'delete', `jsonb_build_object('before', to_jsonb(gone) || ${hidden}::jsonb)`)}`,
      [organizationId],
    );
  }
}

interface Purged {
  readonly code: string;
  /** The location where core has it. */
  readonly current: string | null;
  /** Those that are its own. */
  readonly locations: readonly string[];
}

/**
 * The end, in one transaction: what has come since, the places, the organization, and one entry among the platform's own
 * that tells of all. Its code is free from here on.
 */
export function forgetTenant(core: pg.Client, organizationId: string, onStep: OnStep): Promise<PurgeReport> {
  return inTransaction(core, async () => {
    const { rows } = await core.query<Purged>(
      `select o.tenant_code as code, o.location_id as current,
         array(select l.id from core.locations l where ${IS_NAMED} and ${IS_OWN}) as locations
       from core.organizations o where o.id = $1 for update`,
      [organizationId],
    );
    const [tenant] = rows;
    if (tenant === undefined) throw new Error('the tenant is gone by now');
    const tables = await purgedTables(core);
    await core.query(BURY_USERS, [organizationId]);
    await leaveOthers(core, organizationId, tables);
    for (const table of tables.toReversed())
      for (let isLast = false; !isLast;) isLast = isLastBatch(table, await removeBatch(core, organizationId, table));
    const { rowCount: moves } = await core.query('delete from core.moves where organization_id = $1', [organizationId]);
    await noteRemoved(core, organizationId, 'moves', moves ?? 0);
    const notes = await readNotes(core, organizationId);
    const report = reportOf(organizationId, tenant, notes);
    await core.query('delete from core.organizations where id = $1', [organizationId]);
    for (const [table, column] of [
      ['location_steps', 'location_id'],
      ['locations', 'id'],
    ] as const)
      await core.query(`delete from core.${table} where ${column} = any ($1)`, [tenant.locations]);
    await core.query('select core.forget_purged($1)', [organizationId]);
    // the archive that it was to come from is still good
    if (notes.isRestoring) await core.query('delete from core.tombstones where id = $1', [organizationId]);
    await note(core, report);
    await onStep('forgotten');
    return report;
  });
}

const NOTHING_STORED = { files: 0, bytes: 0 };

function reportOf(
  id: string,
  { code, current }: Purged,
  { places, core, stored = NOTHING_STORED }: PurgeNotes,
): PurgeReport {
  const rows = new Map(Object.entries(core).map(([table, count]) => [`core.${table}`, count]));
  let copies = 0;
  for (const [place, counts] of Object.entries(places))
    for (const [table, count] of Object.entries(counts)) {
      // one that was never finished has no place yet, and may have rows in the shared tables
      if (place === (current ?? place)) rows.set(table, (rows.get(table) ?? 0) + count);
      else copies += count;
    }
  return { id, code, rows: Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1))), copies, stored };
}

async function note(core: pg.Client, { id, code, rows, copies, stored }: PurgeReport): Promise<void> {
  const { text, values } = auditInsert('core.audit_log', [
    {
      organizationId: ZERO_ID,
      action: 'purge',
      resource: 'organizations',
      resourceId: id,
      changes: { before: { tenant_code: code, rows, copies, ...stored } },
    },
  ]);
  await core.query(text, [...values]);
}

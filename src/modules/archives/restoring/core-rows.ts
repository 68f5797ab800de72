import { Injectable } from '@nestjs/common';
import { type PlatformTransaction, PlatformUnit } from '../../../platform/tenancy/platform.js';
import { type ArchiveContents, partsAsRead } from '../format/archive-contents.js';
import type { ArchiveFile } from '../format/archive-file.js';
import { type ArchivedTable, ArchiveRefused, DAMAGED } from '../format/archive-format.js';
import { rowsOf } from '../format/copy-text.js';
import { arraysOf, quoted, type Row, rowSource, valueOf } from '../format/text-rows.js';
import { CORE_TABLES } from '../core-tables.js';
import type { NewIds } from './new-ids.js';
import type { RestorePlan } from './restore-checks.js';

/** Of the tenant, those that are referred to last; persons stay, for they may be guests elsewhere. */
const REMOVED = [
  ...['menu_groups', 'menus', 'user_group_members', 'user_groups', 'user_modules', 'user_permissions', 'user_roles'],
  ...['role_permissions', 'roles', 'sessions', 'one_time_tokens', 'user_tenant_associations', 'module_trials'],
  ...['subscriptions', 'idempotency_keys', 'outbox'],
];

/** What core has of a restored tenant, in one transaction: from its commit on the tenant is there. */
@Injectable()
export class CoreRows {
  constructor(private readonly platform: PlatformUnit) {}

  /** @param epoch at which its place is open @throws ArchiveRefused */
  async restore(
    file: ArchiveFile,
    contents: ArchiveContents,
    plan: RestorePlan,
    ids: NewIds | undefined,
    epoch: number,
  ): Promise<void> {
    const purged = await this.purgedOf(contents, ids);
    await this.platform.transaction(async (work) => {
      await work.query({ text: `set local statement_timeout = 0; set local lock_timeout = '10s'`, values: [] });
      await clear(work, plan.organizationId, contents, ids);
      await fill(file, contents, ids, async (table, rows) => {
        const [first] = rows;
        if (table.table === 'organizations' && first !== undefined) return open(work, plan, epoch, table, first);
        const living = table.table === 'users' ? rows.filter((row) => !purged.has(idIn(table, row))) : rows;
        return insert(work, plan.organizationId, table, living);
      });
      await work.audit({
        organizationId: plan.organizationId,
        action: 'restore',
        resource: 'organizations',
        resourceId: plan.organizationId,
        changes: { after: { archive: file.sha256, taken_at: contents.head.taken_at } },
      });
    });
  }

  /** Its people alone, of whom some may be guests elsewhere. @param mark brings core to have the tenant, as deleted */
  async bringPeople(
    file: ArchiveFile,
    contents: ArchiveContents,
    organizationId: string,
    mark: () => Promise<void>,
  ): Promise<void> {
    const purged = await this.purgedOf(contents, undefined);
    await this.platform.transaction(async (work) => {
      await mark();
      await fill(file, contents, undefined, async (table, rows) => {
        if (table.table !== 'users') return;
        const living = rows.filter((row) => !purged.has(idIn(table, row)));
        await insert(work, organizationId, table, living);
      });
    });
  }

  /** People who asked to be forgotten do not come back with an archive. */
  private async purgedOf({ userIds }: ArchiveContents, ids: NewIds | undefined): Promise<ReadonlySet<string>> {
    const rows = await this.platform.query<{ id: string }>({
      text: `select id from core.tombstones where kind = 'user' and id = any ($1)`,
      values: [[...userIds]],
    });
    return new Set(rows.map(({ id }) => ids?.get(id) ?? id));
  }
}

const idIn = ({ columns }: ArchivedTable, row: Row): string =>
  row[columns.findIndex(({ name }) => name === 'id')] ?? '';

/** Nothing of the tenant is left that the archive does not have. */
async function clear(
  work: PlatformTransaction,
  organizationId: string,
  { userIds }: ArchiveContents,
  ids: NewIds | undefined,
): Promise<void> {
  for (const table of REMOVED)
    await work.query({ text: `delete from core.${table} where organization_id = $1`, values: [organizationId] });
  // names and addresses are free for those who come
  await work.query({
    text: 'update core.users set deleted_at = now() where organization_id = $1 and deleted_at is null',
    values: [organizationId],
  });
  const stay = [...userIds].map((id) => ids?.get(id) ?? id);
  const gone = `u.organization_id = $1 and u.id <> all ($2) and not exists (select from core.user_tenant_associations a where a.user_id = u.id)`;
  await work.query({
    text: `delete from core.sessions s using core.users u where s.user_id = u.id and ${gone}`,
    values: [organizationId, stay],
  });
  await work.query({ text: `delete from core.users u where ${gone}`, values: [organizationId, stay] });
}

/** Hands over the rows of each table of core, with their new ids. @throws ArchiveRefused when they are not those that were read */
async function fill(
  file: ArchiveFile,
  contents: ArchiveContents,
  ids: NewIds | undefined,
  take: (table: ArchivedTable, rows: Row[]) => Promise<void>,
): Promise<void> {
  let kept: Row[] = [];
  for await (const part of partsAsRead(file, contents)) {
    if (part.kind === 'rows' && part.table.plane === 'core') {
      const rows = rowsOf(ids?.in(part.rows.bytes) ?? part.rows.bytes);
      if (CORE_TABLES[part.table.table]?.atOnce === true) kept = kept.concat(rows);
      else await take(part.table, rows);
    } else if (part.kind === 'sum' && kept.length > 0) {
      await take(part.table, kept);
      kept = [];
    }
  }
}

async function insert(
  work: PlatformTransaction,
  organizationId: string,
  { table, columns }: ArchivedTable,
  rows: readonly Row[],
): Promise<void> {
  const known = CORE_TABLES[table];
  if (known === undefined) throw new ArchiveRefused(DAMAGED);
  // whatever an archive says, its rows are this tenant's
  const values = columns.map((column) => (column.name === 'organization_id' ? '$1::uuid' : valueOf(column, known)));
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const written = await work.query({
    text: `insert into core.${table} as t (${names}) select ${values.join(', ')} from ${rowSource(columns, 2)}
      where $1::uuid is not null and ${known.when ?? 'true'} ${againOf(table, columns)} returning 1`,
    values: [organizationId, ...arraysOf(columns, rows)],
  });
  if (table === 'users' && written.length !== rows.length)
    throw new ArchiveRefused('People of the archive are people of another tenant here.');
}

/** Who is there still is made what he was; what nobody changes is there once and for all. */
function againOf(table: string, columns: ArchivedTable['columns']): string {
  if (table === 'audit_log') return 'on conflict do nothing';
  if (table !== 'users') return '';
  const set = columns
    .filter(({ name }) => name !== 'id')
    .map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  return `on conflict (id) do update set ${set.join(', ')} where t.organization_id = $1`;
}

/** The hosts of the first lead to the first. */
const ITS_HOSTS = ['domain', 'domain_verified_at', 'subdomain'];

/** From here on, when this commits, core lets people in. */
async function open(
  work: PlatformTransaction,
  { organizationId, code, name, adminEmail, isNew }: RestorePlan,
  epoch: number,
  { columns }: ArchivedTable,
  row: Row,
): Promise<void> {
  const chosen: Readonly<Record<string, string>> = {
    tenant_code: '$2::text',
    tenant_name: '$3::text',
    admin_email: '$4::text',
    ...(isNew ? Object.fromEntries(ITS_HOSTS.map((host) => [host, 'null'])) : {}),
  };
  const set = columns
    .filter((column) => column.name !== 'id')
    .map((column) => `${quoted(column.name)} = ${chosen[column.name] ?? valueOf(column, {})}`);
  const opened = await work.query({
    text: `update core.organizations o set ${set.join(', ')}, epoch = $5 from ${rowSource(columns, 6)}
      where o.id = $1 and o.deleted_at is not null returning o.id`,
    values: [organizationId, code, name, adminEmail, epoch, ...arraysOf(columns, [row])],
  });
  if (opened.length === 0)
    throw new ArchiveRefused(`The tenant ${code} is no longer deleted: nothing of core was restored.`);
}

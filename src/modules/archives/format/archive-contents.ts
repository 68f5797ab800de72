import { ZERO_ID } from '../../../common/ids.js';
import { isKey } from '../../../platform/storage/index.js';
import type { ArchiveFile } from './archive-file.js';
import {
  type ArchivedTable,
  type ArchiveHead,
  ArchiveRefused,
  type ArchiveSums,
  DAMAGED,
  type TableSum,
} from './archive-format.js';
import type { ArchivePart } from './archive-parts.js';
import { isArchived } from '../archived-files.js';
import { rowsOf } from './copy-text.js';
import { isBuiltIn } from '../core-tables.js';

export type Values = Readonly<Record<string, string | null>>;

/** What has to be known of an archive before anything of it is written. */
export interface ArchiveContents {
  readonly head: ArchiveHead;
  readonly organization: Values;
  readonly tables: readonly ArchivedTable[];
  readonly sums: ArchiveSums;
  /** Of the tenant's own people, at home. */
  readonly userIds: ReadonlySet<string>;
  /** Of all its rows in core. */
  readonly coreIds: ReadonlySet<string>;
  /** What it names of the installation, by code. */
  readonly permissions: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly plans: ReadonlySet<string>;
}

/** Reads an archive to its end. @throws ArchiveRefused where its parts are not those that it tells of */
export async function readContents(file: ArchiveFile): Promise<ArchiveContents> {
  const collector = new Collector();
  const found: TableSum[] = [];
  const tables: ArchivedTable[] = [];
  let head: ArchiveHead | undefined;
  let sums: ArchiveSums = { tables: [] };
  for await (const part of file.parts()) {
    switch (part.kind) {
      case 'head':
        head = part.head;
        break;
      case 'table':
        tables.push(part.table);
        break;
      case 'rows':
        if (part.table.plane === 'core') collector.take(part.table, part.rows.bytes);
        break;
      case 'sum':
        found.push(part.sum);
        break;
      case 'file':
        if (!isKey(part.file.key) || !isArchived(part.file.key)) throw new ArchiveRefused(DAMAGED);
        break;
      case 'content':
      case 'stored':
        break;
      case 'end':
        sums = part.sums;
        break;
    }
  }
  if (head?.tenant.id === ZERO_ID)
    throw new ArchiveRefused('This is the archive of the platform itself, and not that of a tenant.');
  if (head === undefined || collector.organization === undefined || !isSame(sums.tables, found))
    throw new ArchiveRefused(DAMAGED);
  return { ...collector.found, head, organization: collector.organization, tables, sums };
}

/** The same once more. @throws ArchiveRefused at the end of a table, or of all files, that are no longer what they were */
export async function* partsAsRead(file: ArchiveFile, { sums }: ArchiveContents): AsyncGenerator<ArchivePart> {
  const left = [...sums.tables];
  for await (const part of file.parts()) {
    const isOther =
      (part.kind === 'sum' && !isSame(left.shift(), part.sum)) || (part.kind === 'end' && !isSame(sums, part.sums));
    if (isOther) throw new ArchiveRefused(DAMAGED);
    yield part;
  }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

class Collector {
  organization: Values | undefined;
  readonly found = {
    userIds: new Set<string>(),
    coreIds: new Set<string>(),
    permissions: new Set<string>(),
    roles: new Set<string>(),
    plans: new Set<string>(),
  };

  take(table: ArchivedTable, bytes: Buffer): void {
    // the audit log's key begins with the tenant, and it may be long
    if (table.table === 'audit_log') return;
    const names = table.columns.map(({ name }) => name);
    for (const row of rowsOf(bytes))
      this.note(table.table, Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])));
  }

  private note(table: string, values: Values): void {
    const { id, permission_id: permission, role_id: role, plan_code: plan } = values;
    if (typeof id === 'string') this.found.coreIds.add(id);
    if (typeof permission === 'string') this.found.permissions.add(permission);
    if (typeof plan === 'string') this.found.plans.add(plan);
    if (table === 'organizations') this.organization = values;
    if (table === 'users' && typeof id === 'string') this.found.userIds.add(id);
    if (table === 'user_roles' && isBuiltIn(values['role_scope_id'] ?? null) && typeof role === 'string')
      this.found.roles.add(role);
  }
}

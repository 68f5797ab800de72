import {
  ChangeSetType,
  type EntityMetadata,
  type EventArgs,
  type EventSubscriber,
  type FlushEventArgs,
  type TransactionEventArgs,
} from '@mikro-orm/core';
import { CompiledQuery, type Transaction } from 'kysely';
import { ZERO_ID } from '../../common/ids.js';
import { EVERY_ORGANIZATION } from '../database/index.js';
import { type AuditEntry, auditInsert, masked } from './audit.js';
import { findScope, SYSTEM } from './scope.js';

type Row = Record<string, unknown>;
/** The columns of a property; of a relation whose key carries the organization, `ownColumns` are its own. */
interface Column {
  readonly fieldNames: readonly string[];
  readonly ownColumns?: readonly string[];
}

/**
 * What every write through an EntityManager gets: stamps, a guard against another tenant's rows (under a policy such an
 * update would silently change nothing), and one audit entry a row, written in the same transaction before it commits.
 */
export class WriteSubscriber implements EventSubscriber {
  private readonly gathered = new WeakMap<object, AuditEntry[]>();

  constructor(private readonly auditTable: 'audit_log' | 'core.audit_log') {}

  onFlush({ uow, em }: FlushEventArgs): void {
    const { organizationId: own } = em.getFilterParams<{ organizationId: unknown }>('tenant');
    if (own === EVERY_ORGANIZATION) return;
    for (const { entity, originalEntity, meta } of uow.getChangeSets()) {
      const column = organizationColumn(meta);
      if (column === undefined) continue;
      const before = (originalEntity as Row | undefined)?.[column];
      const after = (entity as Row)[column] ?? own;
      if (after !== own || (before !== undefined && before !== own)) {
        throw new Error(`${meta.className} of another organization cannot be written in this scope`);
      }
    }
  }

  beforeCreate({ entity, meta }: EventArgs<object>): void {
    const row = entity as Row;
    const actor = (findScope()?.actor ?? SYSTEM).id;
    if ('createdBy' in meta.properties) row['createdBy'] ??= actor;
    if ('updatedBy' in meta.properties) row['updatedBy'] ??= actor;
  }

  beforeUpdate({ entity, meta }: EventArgs<object>): void {
    const row = entity as Row;
    if ('updatedBy' in meta.properties) row['updatedBy'] = (findScope()?.actor ?? SYSTEM).id;
    if ('updatedAt' in meta.properties) row['updatedAt'] = new Date();
  }

  afterCreate(args: EventArgs<object>): void {
    this.gather(args, 'create');
  }
  afterUpdate(args: EventArgs<object>): void {
    this.gather(args, 'update');
  }
  afterDelete(args: EventArgs<object>): void {
    this.gather(args, 'delete');
  }

  async beforeTransactionCommit({ em, transaction }: TransactionEventArgs): Promise<void> {
    const entries = this.gathered.get(em);
    if (entries === undefined) return;
    this.gathered.delete(em);
    const { text, values } = auditInsert(this.auditTable, entries);
    await (transaction as Transaction<unknown>).executeQuery(CompiledQuery.raw(text, [...values]));
  }

  afterTransactionRollback({ em }: TransactionEventArgs): void {
    this.gathered.delete(em);
  }

  private gather({ em, entity, meta, changeSet }: EventArgs<object>, action: 'create' | 'update' | 'delete'): void {
    const row = entity as Row;
    const organizationId = row['organizationId'] ?? (meta.tableName === 'organizations' ? row['id'] : undefined);
    const before =
      changeSet?.type === ChangeSetType.CREATE ? undefined : (changeSet?.originalEntity as Row | undefined);
    const after = action === 'delete' ? undefined : (changeSet?.payload as Row | undefined);
    const entry: AuditEntry = {
      organizationId: typeof organizationId === 'string' ? organizationId : ZERO_ID,
      action,
      resource: meta.tableName,
      resourceId: (row['id'] ?? row['userId'] ?? null) as string | null,
      changes: {
        ...(before === undefined ? {} : { before: columnsOf(meta, before, after) }),
        ...(after === undefined ? {} : { after: columnsOf(meta, after) }),
      },
    };
    this.gathered.set(em, [...(this.gathered.get(em) ?? []), entry]);
  }
}

const organizationColumn = (meta: EntityMetadata): 'organizationId' | 'id' | undefined => {
  if ('organizationId' in meta.properties) return 'organizationId';
  return meta.tableName === 'organizations' ? 'id' : undefined;
};

/** The row under its column names, secrets masked; with `only`, the columns that are in it too. */
function columnsOf(meta: EntityMetadata, row: Row, only?: Row): Row {
  const columns: Row = {};
  for (const [name, value] of Object.entries(row)) {
    const property = (meta.properties as Record<string, Column | undefined>)[name];
    // of a key that carries the organization too, the last column is the relation's own
    const column = property?.ownColumns?.at(-1) ?? property?.fieldNames[0];
    if (column === undefined || (only !== undefined && !(name in only))) continue;
    const own: unknown = property?.ownColumns !== undefined && Array.isArray(value) ? value.at(-1) : value;
    columns[column] = masked(column, own);
  }
  return columns;
}

import type { Statement } from '../../database/index.js';
import { auditContext } from '../../tenancy/index.js';
import type { Resource } from '../definition/resource.js';
import { type Reach, within } from '../reach.js';
import { narrowing } from '../reading/list-statement.js';
import { quoted, Sql } from '../sql.js';
import { type AuditAction, auditEntry, difference, wholeRow } from './audit-sql.js';
import { placeOf } from './create-statement.js';
import type { Input } from './input.js';
import { allFound, foundColumns, referenceFlags, type SetReference } from './references.js';

/** A record that is there, who changes it, and under which condition. */
export interface ExistingRecord {
  readonly resource: Resource;
  readonly organizationId: string;
  readonly id: string;
  readonly reach: Reach;
  /** Versions of which the record must have one; undefined: any */
  readonly versions: readonly number[] | undefined;
}

/** What the statements answer besides the row: of the record as it was, and whether it was changed. No answer: there is none in reach. */
export interface Outcome {
  readonly '#version': number;
  readonly '#done': boolean;
  readonly [name: string]: unknown;
}

/** The name under which the old value of a machine's column is answered. */
export const oldState = (wire: string): string => `#old ${wire}`;

/**
 * A change of some columns with its audit entry, in one statement. The row is locked and looked at before it is changed:
 * so two writers at once see each other's version and status, and the answer tells why nothing was done.
 */
export function updateStatement(record: ExistingRecord, input: Input, references: readonly SetReference[]): Statement {
  const { resource } = record;
  const change = new Change(record);
  const { sql } = change;
  const columns = Object.keys(input).flatMap((wire) => resource.writable.get(wire) ?? []);
  const sets = columns.map((column) => `${column.quoted} = ${placeOf(column, input[column.wire], sql)}`);
  const steps = resource.machines.flatMap(({ column, before }) => {
    const target = input[column.wire];
    if (typeof target !== 'string') return [];
    return `before_it.${column.quoted} = any(${sql.typed(before.get(target) ?? [], 'text[]')})`;
  });
  return change.statement({
    action: 'update',
    first: references.length === 0 ? [] : [referenceFlags(references, sql)],
    lock: resource.isRestorable ? '"deleted_at" is null' : 'true',
    // no key changes: two records that are made to point at one another must not wait for each other
    strength: 'no key update',
    write: change.update(sets, references.length === 0 ? '' : ', "#found"'),
    condition: [...steps.map((step) => ` and ${step}`), allFound(references)].join(''),
    changes: difference(columns, 'before_it', 'after_it'),
    more: [
      foundColumns(references),
      ...resource.machines.map(({ column }) => `, before_it.${column.quoted} as ${quoted(oldState(column.wire))}`),
    ].join(''),
    join: references.length === 0 ? '' : ' cross join "#found"',
  });
}

/** Deleting is soft: the row stays, and is seen only by those who may bring it back. */
export function deleteStatement(record: ExistingRecord): Statement {
  const change = new Change(record);
  return change.statement({
    action: 'delete',
    lock: '"deleted_at" is null',
    write: change.update(['"deleted_at" = now()']),
    changes: difference(change.deletedAt, 'before_it', 'after_it'),
  });
}

/** Removes the row, deleted softly before or not. */
export function hardDeleteStatement(record: ExistingRecord): Statement {
  const change = new Change(record);
  return change.statement({
    action: 'delete',
    lock: 'true',
    write: `delete from ${change.table} as t using before_it`,
    changes: `jsonb_build_object('before', ${wholeRow(record.resource.table, 'before_it')})`,
  });
}

/** Brings a deleted row back; a living one is answered as it is. */
export function restoreStatement(record: ExistingRecord): Statement {
  const change = new Change(record);
  return change.statement({
    action: 'restore',
    lock: 'true',
    write: change.update(['"deleted_at" = null']),
    condition: ' and before_it."deleted_at" is not null',
    changes: difference(change.deletedAt, 'before_it', 'after_it'),
    answer: '(select * from after_it union all select * from before_it where "deleted_at" is null) as answer',
  });
}

interface Parts {
  readonly action: AuditAction;
  readonly first?: readonly string[];
  /** Which rows the record may be: the living, or all. */
  readonly lock: string;
  /** How it is locked: against whoever points at it too, when left out. */
  readonly strength?: 'update' | 'no key update';
  readonly write: string;
  /** What must hold for the write, with the `and` before it. */
  readonly condition?: string;
  readonly changes: string;
  readonly more?: string;
  readonly join?: string;
  /** What is answered: a relation called `answer`. */
  readonly answer?: string;
}

/** The column of the table that the record scope is about. */
const scopeOf = ({ alias, scope }: Resource): string | undefined => scope && `r.${scope.slice(alias.length)}`;

/** What all changes have in common: lock, write under a condition, entry, answer. */
class Change {
  readonly sql = new Sql();
  readonly table: string;
  private readonly own: string;
  private readonly ofOrganization: boolean;

  constructor(private readonly record: ExistingRecord) {
    const { resource } = record;
    this.table = resource.table.quoted;
    // $1 in any case: the audit entry names it
    const organization = this.sql.typed(record.organizationId, 'uuid');
    this.ofOrganization = resource.holding === 'own' || resource.holding === 'built_in';
    const own = this.ofOrganization ? `"organization_id" = ${organization}` : `${organization} is not null`;
    this.own = `${own} and "id" = ${this.sql.typed(record.id, 'uuid')}`;
  }

  get deletedAt() {
    const column = this.record.resource.table.columns.get('deleted_at');
    return column === undefined ? [] : [column];
  }

  update(sets: readonly string[], also = ''): string {
    const stamps = `"version" = t."version" + 1, "updated_at" = now(), "updated_by" = ${this.sql.typed(auditContext().actorId, 'uuid')}`;
    return `update ${this.table} as t set ${[...sets, stamps].join(', ')} from before_it${also}`;
  }

  statement({
    action,
    first = [],
    lock,
    strength = 'update',
    write,
    condition = '',
    changes,
    more = '',
    join = '',
    answer,
  }: Parts): Statement {
    const { resource, reach, versions } = this.record;
    const { sql } = this;
    const current = versions === undefined ? '' : ` and before_it."version" = any(${sql.typed(versions, 'int[]')})`;
    const parts = [
      `before_it as materialized (select r.* from ${this.table} as r where ${this.own} and ${lock}${within(reach, sql, scopeOf(resource))}${narrowing({ ...resource, alias: 'r.' }, sql)} for ${strength})`,
      ...first,
      `after_it as (${write} where ${this.ofOrganization ? 't."organization_id" = $1::uuid and ' : ''}t."id" = before_it."id"${current}${condition} returning t.*)`,
      auditEntry(resource, action, 'after_it', this.withBefore(changes), sql),
    ];
    const answered = answer ?? 'after_it as answer';
    return sql.statement(
      `with ${parts.join(', ')} select before_it."version" as "#version", (answer."id" is not null) as "#done"${more}, ${resource.select('answer')} from before_it left join ${answered} on true${join}`,
    );
  }

  /** The entry is made of the row after; the row before stands beside it. */
  private withBefore(changes: string): string {
    return `(select ${changes} from before_it)`;
  }
}

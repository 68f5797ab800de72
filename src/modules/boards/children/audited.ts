import type { Statement } from '../../../platform/database/index.js';
import { auditEntry, Sql } from '../../../platform/resources/index.js';
import { auditContext } from '../../../platform/tenancy/index.js';

/** A change of several rows of one table. In its SQL `$1` is the organization and `$2` the row above. */
export interface ManyRows {
  readonly table: string;
  readonly action: 'create' | 'delete' | 'restore';
  /** What changes the rows and returns them. */
  readonly change: (sql: Sql) => string;
  /** What an entry says, as jsonb, of a row called `changed`. */
  readonly told: string;
  /** A part before the change. */
  readonly first?: string;
  /** What of the changed rows is counted. */
  readonly counted?: string;
}
/** What the statement answers. */
export interface Counted {
  readonly count: number;
}

/** One statement for all rows, with an entry in the audit log for each. */
export function audited(
  organizationId: string,
  above: string,
  { table, action, change, told, first, counted = 'count(*)' }: ManyRows,
): Statement {
  const sql = new Sql();
  sql.bind(organizationId);
  sql.bind(above);
  const resource = { table: { name: table, schema: undefined }, holding: 'own' } as const;
  const parts = [
    ...(first === undefined ? [] : [first]),
    `changed as (${change(sql)})`,
    auditEntry(resource, action, 'changed', told, sql, 'uuidv7()'),
  ];
  return sql.statement(`with ${parts.join(', ')} select (${counted})::int as count from changed`);
}

/** Who acts, as a value of the statement. */
export const actorIn = (sql: Sql): string => sql.typed(auditContext().actorId, 'uuid');

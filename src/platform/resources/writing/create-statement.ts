import type { Statement } from '../../database/index.js';
import { auditContext } from '../../tenancy/index.js';
import type { Column } from '../definition/columns.js';
import type { Resource } from '../definition/resource.js';
import { literal, quoted, Sql } from '../sql.js';
import { auditEntry, wholeRow } from './audit-sql.js';
import type { Input } from './input.js';
import { allFound, foundColumns, referenceFlags, type SetReference } from './references.js';

/** What a statement adds about an idempotency key: a part that keeps the answer, made from the row called `alias`. */
export type KeepAnswer = (answer: string, from: string, sql: Sql) => string;

export interface NewRecord {
  readonly resource: Resource;
  readonly organizationId: string;
  readonly id: string;
  readonly input: Input;
  readonly references: readonly SetReference[];
  readonly keep?: KeepAnswer | undefined;
}

/**
 * Makes a record with its audit entry and, where there is an idempotency key, the kept answer: one statement. With
 * references it answers a row of flags even when nothing was made.
 */
export function createStatement({ resource, organizationId, id, input, references, keep }: NewRecord): Statement {
  const sql = new Sql();
  const { actorId } = auditContext();
  const organization = sql.typed(organizationId, 'uuid');
  const actor = `${sql.typed(id, 'uuid')}, ${sql.typed(actorId, 'uuid')}, $3::uuid`;
  const columns = Object.entries(withParent(resource, input)).flatMap(([wire, value]) => {
    const column = resource.writable.get(wire);
    return column === undefined ? [] : [{ name: column.quoted, place: placeOf(column, value, sql) }];
  });
  const isOwn = resource.holding === 'own' || resource.holding === 'built_in';
  const names = [
    ...(isOwn ? ['"organization_id"'] : []),
    ...['"id"', '"created_by"', '"updated_by"'],
    ...columns.map(({ name }) => name),
  ];
  const values = [...(isOwn ? [organization] : []), actor, ...columns.map(({ place }) => place)].join(', ');
  const source = references.length === 0 ? '' : ` from "#found" where true${allFound(references)}`;
  const parts = [
    ...(references.length === 0 ? [] : [referenceFlags(references, sql)]),
    `made as (insert into ${resource.table.quoted} (${names.join(', ')}) select ${values}${source} returning *)`,
    auditEntry(resource, 'create', 'made', `jsonb_build_object('after', ${wholeRow(resource.table, 'made')})`, sql),
  ];
  if (keep !== undefined) parts.push(keep(answerAsJson(resource), 'made', sql));
  const from = references.length === 0 ? 'made' : '"#found" left join made on true';
  return sql.statement(
    `with ${parts.join(', ')} select ${resource.select('made')}${foundColumns(references)} from ${from}`,
  );
}

/** A record below another names it. */
const withParent = ({ parent, parentId }: Resource, input: Input): Input =>
  parent === undefined || parentId === undefined ? input : { ...input, [parent.column.wire]: parentId };

/** What is answered, as jsonb: decimals are texts there, as on the wire. */
function answerAsJson({ select, table }: Resource): string {
  const decimals = [...table.columns.values()].filter(({ type }) => type.kind === 'numeric');
  const texts = decimals.map(
    ({ wire, name }) => ` || jsonb_build_object(${literal(wire)}, made.${quoted(name)}::text)`,
  );
  return `((select to_jsonb(w) from (select ${select('made')}) w)${texts.join('')})`;
}

/** The place of a column's value; jsonb travels as text. */
export const placeOf = ({ type }: Column, value: unknown, sql: Sql): string =>
  sql.typed(type.kind === 'json' && value !== null ? JSON.stringify(value) : value, type.sql);

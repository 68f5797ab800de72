import type { FieldFault } from '../../../common/problem.js';
import type { Reference, Resource } from '../definition/resource.js';
import { type Reach, type Reaches, within } from '../reach.js';
import { quoted, type Sql } from '../sql.js';
import type { Input } from './input.js';

/** A reference that a body sets, with how far its writer reaches among what it points to. */
export interface SetReference {
  readonly reference: Reference;
  readonly id: unknown;
  /** undefined: he may read none of them */
  readonly reach: Reach | undefined;
}

/** The references that this input sets to something. */
export function setReferences(resource: Resource, input: Input, reaches: Reaches): Promise<SetReference[]> {
  const set = resource.references.filter(({ column }) => (input[column.wire] ?? null) !== null);
  return Promise.all(
    set.map(async (reference) => ({
      reference,
      id: input[reference.column.wire],
      reach: await reaches.find(reference.to(), 'read'),
    })),
  );
}

/** Whether each stands for a living record in reach: one row of flags called by the columns' wire names. */
export function referenceFlags(references: readonly SetReference[], sql: Sql): string {
  const flags = references.map(({ reference, id, reach }) => {
    const { scope, table } = reference.to();
    const found =
      reach === undefined
        ? 'false'
        : `exists (select from ${table.quoted} where "organization_id" = $1::uuid and "id" = ${sql.typed(id, 'uuid')} and "deleted_at" is null${within(reach, sql, scope)})`;
    return `${found} as ${quoted(reference.column.wire)}`;
  });
  return `"#found" as materialized (select ${flags.join(', ')})`;
}

/** The condition that all of them do, with the `and` before it. */
export const allFound = (references: readonly SetReference[]): string =>
  references.map(({ reference }) => ` and "#found".${quoted(reference.column.wire)}`).join('');

/** The flags in the answer, under names that no column has. */
export const foundColumns = (references: readonly SetReference[]): string =>
  references
    .map(({ reference }) => `, "#found".${quoted(reference.column.wire)} as ${quoted(`#${reference.column.wire}`)}`)
    .join('');

/** One answer for a record of another tenant, one out of reach, and none at all. */
export const notFoundAt = (path: string): FieldFault => ({ path, code: 'not_found', message: 'does not exist' });

export const missingReferences = (references: readonly SetReference[], row: Record<string, unknown>): FieldFault[] =>
  references
    .filter(({ reference }) => row[`#${reference.column.wire}`] !== true)
    .map(({ reference }) => notFoundAt(reference.column.wire));

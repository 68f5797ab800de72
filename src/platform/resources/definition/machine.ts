import { invalid, type FieldFault, type Problem } from '../../../common/problem.js';
import type { Column } from './columns.js';

/** The steps of a status: from each state to those that may follow. The first state is that of a new record. */
export type Steps = Readonly<Record<string, readonly string[]>>;

/** A column that is written along its machine alone (modules.md, "Resources"). */
export interface Machine {
  readonly column: Column;
  readonly first: string;
  /** The states from which PATCH may lead to this one; itself is one of them, for staying is no step. */
  readonly before: ReadonlyMap<string, readonly string[]>;
}

/** @throws Error for a state that the column's check does not know, or that no line begins with */
export function machineOf(column: Column, steps: Steps): Machine {
  const states = Object.keys(steps);
  const [first] = states;
  if (first === undefined) throw new Error(`the machine of ${column.wire} has no state`);
  const before = new Map<string, string[]>(states.map((state) => [state, [state]]));
  for (const [from, targets] of Object.entries(steps)) {
    if (column.type.parse(from) === undefined)
      throw new Error(`${column.wire} cannot be "${from}": ${column.type.message}`);
    for (const to of targets) {
      const known = before.get(to);
      if (known === undefined) throw new Error(`the machine of ${column.wire} has no line that begins with "${to}"`);
      known.push(from);
    }
  }
  return { column, first, before };
}

/** The fault of a new record in another state than the first; undefined when there is none. */
export const faultOfFirst = ({ column, first }: Machine, value: unknown): FieldFault | undefined =>
  value === undefined || value === first
    ? undefined
    : { path: column.wire, code: 'invalid_step', message: `must be ${first} in a new record` };

/** 422 at the status: a step that its machine does not have. */
export const invalidStep = ({ column }: Machine, from: string, to: string): Problem =>
  invalid(column.wire, 'invalid_step', `cannot go from ${from} to ${to}`);

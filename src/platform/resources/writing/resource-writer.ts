import { Injectable } from '@nestjs/common';
import { newId } from '../../../common/ids.js';
import { Conflict, NotFound, Stale, ValidationFailed } from '../../../common/problem.js';
import type { Action } from '../../access/index.js';
import type { Statement } from '../../database/index.js';
import { invalidStep } from '../definition/machine.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import { callerId, Reaches, reaches } from '../reach.js';
import { getStatement } from '../reading/list-statement.js';
import { People } from '../reading/people.js';
import { type RawRow, withTimes } from '../reading/rows.js';
import { organizationOf, Units } from '../units.js';
import {
  deleteStatement,
  type ExistingRecord,
  hardDeleteStatement,
  oldState,
  type Outcome,
  restoreStatement,
  updateStatement,
} from './change-statement.js';
import { createStatement, type KeepAnswer } from './create-statement.js';
import { Currencies } from './currencies.js';
import type { Input } from './input.js';
import { missingReferences, notFoundAt, type SetReference, setReferences } from './references.js';

/** Versions of which a record must have one for a change to take place; undefined: any. */
export type Versions = readonly number[] | undefined;

/** How a new record comes to be. */
export interface Creation {
  /** Made beforehand where the answer's Location is kept with it. */
  readonly id?: string;
  readonly keep?: KeepAnswer;
}

/**
 * Writes records: each with its audit entry in one statement, which inside a unit of work belongs to that. Inputs are
 * validated (`checkCreate`, `checkUpdate`). Rows come back under their wire names.
 */
@Injectable()
export class ResourceWriter {
  constructor(
    private readonly units: Units,
    private readonly reaches: Reaches,
    private readonly people: People,
    private readonly currencies: Currencies,
  ) {}

  /** A new record: the caller's, where the input names no owner. */
  async create<Row extends StoredRow>(resource: Resource<Row>, input: Input, creation?: Creation): Promise<Row> {
    const [prepared = input] = await this.prepare(resource, 'create', [input]);
    return this.insert(resource, prepared, creation);
  }

  /** Some columns of a record. @throws NotFound, Stale, or ValidationFailed for a step or a reference that cannot be */
  async update<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    input: Input,
    versions: Versions,
  ): Promise<Row> {
    await this.prepare(resource, 'update', [input]);
    return this.change(resource, id, input, versions);
  }

  /**
   * Inputs with what they leave out, judged by what core knows. Owners are given only to members within the record scope.
   * @param pathOf where the owner of the n-th input stands in the body
   * @throws ValidationFailed at each owner who is not to be had
   */
  async prepare(
    resource: Resource,
    action: 'create' | 'update',
    inputs: readonly Input[],
    pathOf: (n: number) => string = () => 'owner_id',
  ): Promise<Input[]> {
    await this.assertOwners(resource, action, inputs, pathOf);
    return action === 'update' ? [...inputs] : Promise.all(inputs.map((input) => this.withDefaults(resource, input)));
  }

  /** A new record of a prepared input. */
  async insert<Row extends StoredRow>(
    resource: Resource<Row>,
    input: Input,
    { id = newId(), keep }: Creation = {},
  ): Promise<Row> {
    const references = await setReferences(resource, input, this.reaches);
    const organizationId = organizationOf(resource);
    const [row] = await this.units
      .of(resource)
      .write<RawRow>(createStatement({ resource, organizationId, id, input, references, keep }));
    if (row === undefined || row['id'] === null)
      throw ValidationFailed({ errors: missingReferences(references, row ?? {}) });
    return withTimes(references.length === 0 ? row : withoutNotes(row), resource);
  }

  /** A change by a prepared input. One that sets nothing changes nothing. */
  async change<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    input: Input,
    versions: Versions,
  ): Promise<Row> {
    if (Object.keys(input).length === 0) return this.unchanged(resource, id, versions);
    const references = await setReferences(resource, input, this.reaches);
    const record = await this.record(resource, 'update', id, versions);
    const outcome = await this.run(resource, updateStatement(record, input, references), versions);
    if (!outcome['#done']) throw refusalOf(resource, input, references, outcome);
    return withTimes(withoutNotes(outcome), resource);
  }

  /** Soft: the row as it is then comes back. What cannot be restored is removed, and comes back as it was. */
  async delete<Row extends StoredRow>(resource: Resource<Row>, id: string, versions: Versions): Promise<Row> {
    const record = await this.record(resource, 'delete', id, versions);
    const statement = resource.isRestorable ? deleteStatement(record) : hardDeleteStatement(record);
    return withTimes(withoutNotes(await this.run(resource, statement, versions)), resource);
  }

  /** For good, whether it was deleted before or not. */
  async hardDelete(resource: Resource, id: string, versions: Versions): Promise<void> {
    const record = await this.record(resource, 'manage', id, versions);
    await this.run(resource, hardDeleteStatement(record), versions);
  }

  async restore<Row extends StoredRow>(resource: Resource<Row>, id: string, versions: Versions): Promise<Row> {
    const record = await this.record(resource, 'manage', id, versions);
    return withTimes(withoutNotes(await this.run(resource, restoreStatement(record), versions)), resource);
  }

  private async assertOwners(
    resource: Resource,
    action: Action,
    inputs: readonly Input[],
    pathOf: (n: number) => string,
  ): Promise<void> {
    if (!resource.writable.has('owner_id')) return;
    const caller = callerId();
    const given = inputs.map(({ owner_id: owner }) => (typeof owner === 'string' ? owner.toLowerCase() : owner));
    const isHisOwn = (owner: unknown): boolean => owner === undefined || (owner !== null && owner === caller);
    if (given.every(isHisOwn)) return;
    const reach = await this.reaches.of(resource, action);
    const others = given.filter((owner): owner is string => typeof owner === 'string' && owner !== caller);
    const members = others.length === 0 ? new Set() : await this.people.members([...new Set(others)]);
    const isFound = (owner: unknown): boolean =>
      isHisOwn(owner) ||
      (typeof owner === 'string' ? members.has(owner) && reaches(reach, owner) : reaches(reach, null));
    const errors = given.flatMap((owner, n) => (isFound(owner) ? [] : [notFoundAt(pathOf(n))]));
    if (errors.length > 0) throw ValidationFailed({ errors });
  }

  private async withDefaults({ writable }: Resource, input: Input): Promise<Input> {
    const isOwnerless = writable.has('owner_id') && input['owner_id'] === undefined;
    const owned = isOwnerless ? { ...input, owner_id: callerId() } : input;
    if (!writable.has('currency') || input['currency'] !== undefined) return owned;
    return { ...owned, currency: await this.currencies.current() };
  }

  /** An empty PATCH: nothing is changed, and nothing told of it. */
  private async unchanged<Row extends StoredRow>(
    resource: Resource<Row>,
    id: string,
    versions: Versions,
  ): Promise<Row> {
    const { organizationId, reach } = await this.record(resource, 'update', id, versions);
    const [row] = await this.units.of(resource).read<RawRow>(getStatement(resource, id, reach, organizationId));
    if (row === undefined) throw NotFound();
    if (versions !== undefined && !versions.includes(Number(row['version']))) throw Stale();
    return withTimes(row, resource);
  }

  private async record(resource: Resource, action: Action, id: string, versions: Versions): Promise<ExistingRecord> {
    return {
      resource,
      organizationId: organizationOf(resource),
      id,
      reach: await this.reaches.of(resource, action),
      versions,
    };
  }

  /** @throws NotFound, Stale */
  private async run(resource: Resource, statement: Statement, versions: Versions): Promise<Outcome> {
    const [outcome] = await this.units.of(resource).write<Outcome>(statement);
    if (outcome === undefined) throw NotFound();
    if (versions !== undefined && !versions.includes(outcome['#version'])) throw Stale();
    return outcome;
  }
}

/** Why an update of a record that is there, and of the right version, was not done. */
function refusalOf(resource: Resource, input: Input, references: readonly SetReference[], outcome: Outcome): Error {
  const missing = missingReferences(references, outcome);
  if (missing.length > 0) return ValidationFailed({ errors: missing });
  for (const machine of resource.machines) {
    const { column, before } = machine;
    const [from, to] = [outcome[oldState(column.wire)], input[column.wire]];
    if (typeof to === 'string' && typeof from === 'string' && !before.get(to)?.includes(from))
      return invalidStep(machine, from, to);
  }
  return Conflict({ detail: 'The record was changed at the same time.' });
}

/** The row without what the statement told beside it. */
function withoutNotes(answer: RawRow | Outcome): RawRow {
  const row: RawRow = {};
  for (const [name, value] of Object.entries(answer)) if (!name.startsWith('#')) row[name] = value;
  return row;
}

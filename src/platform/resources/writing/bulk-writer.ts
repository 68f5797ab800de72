import { Injectable } from '@nestjs/common';
import { invalid, PermissionDenied, prefixed, type Problem } from '../../../common/problem.js';
import { problemOf } from '../../http/index.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import { holds } from '../reach.js';
import { type BulkItem, checkItems, pathTo, type RawItem, readItems } from './bulk-items.js';
import { ResourceWriter } from './resource-writer.js';

/** Many writes of one resource in one unit of work: all of them, or none. */
@Injectable()
export class BulkWriter {
  constructor(private readonly writer: ResourceWriter) {}

  /**
   * What is to be done, judged as far as it can be without the records.
   * @throws PermissionDenied for an operation that the caller may not do; ValidationFailed with the faults of all items
   */
  read(resource: Resource, body: unknown): BulkItem[] {
    assertAny(resource);
    const raw = readItems(body);
    assertEach(resource, raw);
    return checkItems(resource, raw);
  }

  /**
   * Asks core what the items need of it (are the owners members, the tenant's currency): before the unit of work, which
   * holds a connection. @throws ValidationFailed with the faults of all items
   */
  async prepare(resource: Resource, items: readonly BulkItem[]): Promise<BulkItem[]> {
    const prepared = [...items];
    for (const op of ['create', 'update'] as const) {
      const chosen = items.flatMap((item, at) => (item.op === op ? [{ at, item }] : []));
      const inputs = chosen.map(({ item }) => item.input);
      const complete = await this.writer.prepare(resource, op, inputs, (n) => pathTo(chosen[n]?.at ?? 0, 'owner_id'));
      for (const [n, { at, item }] of chosen.entries()) prepared[at] = { ...item, input: complete[n] ?? item.input };
    }
    return prepared;
  }

  /**
   * The rows in the order of their items, deleted ones as they are then. To be called inside a unit of work.
   * @throws Problem that names the item: `items.3.id` is `not_found` when there is no such record in reach
   */
  async write<Row extends StoredRow>(resource: Resource<Row>, items: readonly BulkItem[]): Promise<Row[]> {
    const rows: Row[] = [];
    for (const [at, item] of items.entries()) {
      try {
        rows.push(await this.one(resource, item));
      } catch (error) {
        throw placedProblem(error, at);
      }
    }
    return rows;
  }

  private one<Row extends StoredRow>(resource: Resource<Row>, item: BulkItem): Promise<Row> {
    switch (item.op) {
      case 'create':
        return this.writer.insert(resource, item.input);
      case 'update':
        return this.writer.change(resource, item.id, item.input, versionsOf(item.version));
      case 'delete':
        return this.writer.delete(resource, item.id, versionsOf(item.version));
    }
  }
}

const OPERATIONS = ['create', 'update', 'delete'] as const;

/** Whoever may do none of them is told so, whatever he sends. */
function assertAny(resource: Resource): void {
  if (!OPERATIONS.some((op) => holds(resource, op)))
    throw PermissionDenied({ required: resource.permissions.create.code });
}

function assertEach(resource: Resource, items: readonly RawItem[]): void {
  const missing = OPERATIONS.find((op) => items.some((item) => item.op === op) && !holds(resource, op));
  if (missing !== undefined) throw PermissionDenied({ required: resource.permissions[missing].code });
}

const versionsOf = (version: number | undefined) => (version === undefined ? undefined : [version]);

/** The problem as one of this item; a fault of ours stays as it is. */
function placedProblem(error: unknown, at: number): Problem {
  const problem = problemOf(error);
  if (problem.status >= 500) return problem;
  if (problem.status === 404) return invalid(pathTo(at, 'id'), 'not_found', 'does not exist');
  return prefixed(problem, pathTo(at));
}

import type { Action } from '../../access/index.js';
import type { Resource } from '../definition/resource.js';
import type { StoredRow } from '../dto/business.dto.js';
import type { Input } from '../writing/input.js';
import type { Versions } from '../writing/resource-writer.js';

/**
 * What a feature's service does in its own way, of what a resource's routes ask for; the rest is done by one statement
 * each. A service that a resource's controller is made with implements some of these. The writes run inside one unit of
 * work of the resource's plane, which keeps the answer for an idempotency key too, and are run again when that lost a race.
 */
export interface UseCases<Row extends StoredRow> {
  /** The resource as this caller reaches it for this action: see `narrowed`. It has been put below its parent. */
  reachable?(resource: Resource<Row>, action: Action): Resource<Row> | Promise<Resource<Row>>;
  /** After one was read, and before it is answered. */
  read?(resource: Resource<Row>, row: Row): Promise<Row>;
  /** Before the unit of work, which holds a connection: for hashes, and for questions to the other plane. */
  prepare?(resource: Resource<Row>, input: Input, action: 'create' | 'update'): Promise<Input>;
  /**
   * Before either delete and its unit of work: for questions to the other plane, whose refusals are about a record that is
   * there and of the right version.
   */
  beforeDelete?(resource: Resource<Row>, id: string, versions: Versions): Promise<void>;
  /** @param id of the new record */
  create?(resource: Resource<Row>, input: Input, id: string): Promise<Row>;
  update?(resource: Resource<Row>, id: string, input: Input, versions: Versions): Promise<Row>;
  delete?(resource: Resource<Row>, id: string, versions: Versions): Promise<unknown>;
  hardDelete?(resource: Resource<Row>, id: string, versions: Versions): Promise<unknown>;
  restore?(resource: Resource<Row>, id: string, versions: Versions): Promise<Row>;
}

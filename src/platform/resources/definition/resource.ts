import type { Type } from '@nestjs/common';
import type { EntityClass } from '@mikro-orm/postgresql';
import type { Action, RequiredAccess } from '../../access/index.js';
import type { InputClass } from '../../http/index.js';
import type { BusinessRow } from '../dto/business.dto.js';
import type { Column, Table } from './columns.js';
import type { Listing } from './listing.js';
import type { Machine, Steps } from './machine.js';

/** What a module says of its resource. Columns are named as on the wire. */
export interface ResourceInput<Row extends BusinessRow> {
  /** `module.submodule` of the registry (platform/access/modules.ts): path, permissions and names come from it. */
  readonly access: string;
  /** Made with `businessTable` and `businessRecord` of platform/database. */
  readonly entity: EntityClass<object>;
  /** What POST takes: a `BusinessInput` with the resource's own columns. */
  readonly create: InputClass<object>;
  /** What PATCH takes; by default the same, nothing required, and null where the column may be null. */
  readonly update?: InputClass<object>;
  /** What is answered: a `BusinessRow` with the resource's own columns. Types, lengths and values are filled in from the table. */
  readonly row: Type<Row>;
  /** Besides id, owner_id, tags, is_active and the stamps. */
  readonly filters?: readonly string[];
  /** Text columns that `q` looks into. */
  readonly search?: readonly string[];
  /** Besides created_at, updated_at and id. */
  readonly sort?: readonly string[];
  /** By column: `{ status: { new: ['contacted', 'lost'], … } }`. The first state is that of a new record. */
  readonly machine?: Readonly<Record<string, Steps>>;
  /** Columns that hold the id of a record of another resource of the module. */
  readonly references?: Readonly<Record<string, () => Resource>>;
}

/** A column that names a record of another resource: it must be there, and in the caller's record scope. */
export interface Reference {
  readonly column: Column;
  readonly to: () => Resource;
}

/** A definition, checked and compiled once when its file is loaded. */
export interface Resource<Row extends BusinessRow = BusinessRow> {
  /** `crm.leads` */
  readonly access: string;
  /** `crm_leads`: of operations and files; the table has the same name */
  readonly key: string;
  /** `crm/leads` */
  readonly path: string;
  /** `lead_id` */
  readonly idParameter: string;
  /** `leads`, for people */
  readonly title: string;
  readonly table: Table;
  /** Columns that a body may set, by wire name. */
  readonly writable: ReadonlyMap<string, Column>;
  readonly create: InputClass<object>;
  readonly update: InputClass<object>;
  readonly row: Type<Row>;
  /** What each action asks of the caller. */
  readonly permissions: Readonly<Record<Action, RequiredAccess>>;
  readonly listing: Listing;
  readonly machines: readonly Machine[];
  readonly references: readonly Reference[];
  /** Every record is its owner's alone, whatever the caller's record scope. */
  readonly isPrivate: boolean;
  /** Wire names of times, which PostgreSQL writes in its own way. */
  readonly times: readonly string[];
  /** The select list under wire names, from a row called `alias`; without one, from the table itself. */
  readonly select: (alias?: string) => string;
}

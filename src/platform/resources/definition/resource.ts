import type { Type } from '@nestjs/common';
import type { EntityClass } from '@mikro-orm/postgresql';
import type { AccessOptions, Action, RequiredAccess } from '../../access/index.js';
import type { InputClass } from '../../http/index.js';
import type { Unit } from '../../tenancy/index.js';
import type { StoredRow } from '../dto/business.dto.js';
import type { Sql } from '../sql.js';
import type { Column, Table } from './columns.js';
import type { ComputedInput, FurtherFilter } from './computed.js';
import type { Listing } from './listing.js';
import type { Machine, Steps } from './machine.js';

/** What a module says of its resource. Columns are named as on the wire. */
export interface ResourceInput<Row extends StoredRow> {
  /**
   * `module.submodule` of the registry (platform/access/modules.ts): path, permissions and names come from it; or a
   * resource of the platform (`menu`), which names its path itself.
   */
  readonly access: string;
  /** Of a business module: made with `businessTable` and `businessRecord` of platform/database. */
  readonly entity: EntityClass<object>;
  /** What POST takes: for a business module a `BusinessInput` with the resource's own columns. Without it nothing is created. */
  readonly create?: InputClass<object>;
  /** What PATCH takes; by default the same, nothing required, and null where the column may be null. */
  readonly update?: InputClass<object>;
  /** What is answered: types, lengths and values are filled in from the table. */
  readonly row: Type<Row>;
  /** Besides id, is_active, the stamps and, where they are, owner_id and tags. */
  readonly filters?: readonly string[];
  /** Text columns that `q` looks into; or, for a search of its own, what holds of a row that matches the text. */
  readonly search?: readonly string[] | ((text: string, row: string) => string);
  /** Besides created_at, updated_at and id. */
  readonly sort?: readonly string[];
  /** As in `sort=`; -created_at when left out. */
  readonly order?: string;
  /** By column: `{ status: { new: ['contacted', 'lost'], … } }`. The first state is that of a new record. */
  readonly machine?: Readonly<Record<string, Steps>>;
  /** Columns that hold the id of a record of another resource, in the same plane. */
  readonly references?: Readonly<Record<string, () => Resource>>;
  /** People whose names `include=` adds: by the name, the column that holds the id. `{ owner: 'owner_id' }` for business. */
  readonly people?: Readonly<Record<string, string>>;

  // What only resources of the platform say.
  /** `user-groups`; one that stands below another has its parameter in it: `boards/:board_id/posts`. */
  readonly path?: string;
  /** `group_id`; by default from the table's name. */
  readonly idParameter?: string;
  /** The column that holds the id of the record above, whose parameter is the last one of `path`. */
  readonly parent?: string;
  /** A view that is read instead of the table: it has the table's columns, and more as `computed`. */
  readonly view?: string;
  /** The same, where it is asked by this resource alone: a `select` of its own. Nothing is written through it. */
  readonly query?: string;
  /** What is answered besides the columns. */
  readonly computed?: Readonly<Record<string, ComputedInput>>;
  /** Parameters that narrow a list by more than a column. */
  readonly furtherFilters?: Readonly<Record<string, FurtherFilter>>;
  /** The column that a record scope is about. Without one whoever has the permission reaches all. */
  readonly scope?: string;
  /** What of a body is no column, and handled by the feature's service. */
  readonly beside?: readonly string[];
  readonly options?: AccessOptions;
  /** What an action asks of the caller, where it is not the permission of that name on `access`. */
  readonly asks?: Partial<Readonly<Record<Action, RequiredAccess>>>;
}

/** A column that names a record of another resource: it must be there, and in the caller's record scope. */
export interface Reference {
  readonly column: Column;
  readonly to: () => Resource;
}

/**
 * Whose rows a table holds. `own`: each an organization's · `built_in`: besides them some that every organization reads ·
 * `global`: nobody's · `itself`: each row is an organization
 */
export type Holding = 'own' | 'built_in' | 'global' | 'itself';

/** What must hold of a row besides, as SQL; `row` stands before its columns: `r.`, or the table's name. */
export type RowCondition = (sql: Sql, row: string) => string;

/** A definition, checked and compiled once when its file is loaded. */
export interface Resource<Row extends StoredRow = StoredRow> {
  /** `crm.leads`, `menu` */
  readonly access: string;
  /** `crm_leads`: of operations and files; the table has the same name */
  readonly key: string;
  /** `crm/leads`, `boards/:board_id/posts` */
  readonly path: string;
  /** `lead_id` */
  readonly idParameter: string;
  /** `leads`, for people */
  readonly title: string;
  readonly table: Table;
  readonly holding: Holding;
  /** What is read from, with its alias where it has one. */
  readonly relation: string;
  /** Stands before the columns of what is read: `r.`, or nothing. */
  readonly alias: string;
  /** Columns that a body may set, by wire name. */
  readonly writable: ReadonlyMap<string, Column>;
  readonly create: InputClass<object> | undefined;
  readonly update: InputClass<object> | undefined;
  readonly row: Type<Row>;
  /** What each action asks of the caller. */
  readonly permissions: Readonly<Record<Action, RequiredAccess>>;
  readonly options: AccessOptions;
  readonly listing: Listing;
  readonly machines: readonly Machine[];
  readonly references: readonly Reference[];
  readonly people: ReadonlyMap<string, string>;
  /** The column, in SQL, that a record scope is about. */
  readonly scope: string | undefined;
  /** Every record is its owner's alone, whatever the caller's record scope. */
  readonly isPrivate: boolean;
  /** Its records are people: a record scope narrows them to a team, and who sees others at all is not kept to himself. */
  readonly ofPeople?: boolean;
  /** It can be deleted softly, and restored. */
  readonly isRestorable: boolean;
  /** Wire names of times, which PostgreSQL writes in its own way. */
  readonly times: readonly string[];
  /** Wire names of all that is answered, in order. */
  readonly answered: readonly string[];
  /** The select list under wire names, from a row called `alias`; without one, from what is read. */
  readonly select: (alias?: string) => string;
  /** Of a record below another. */
  readonly parent: { readonly parameter: string; readonly column: Column } | undefined;

  // How a request narrows it: see `narrowed` and `below`.
  readonly parentId?: string;
  readonly conditions: readonly RowCondition[];
  /** Where its statements run, when not in the unit of its plane. */
  readonly unit?: Unit;
  /** Of these actions the service has judged the caller itself: no permission is asked, and all records are in reach. */
  readonly admitted?: readonly Action[];
}

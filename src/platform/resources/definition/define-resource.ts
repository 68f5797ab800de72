import { OmitType, PartialType } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';
import { ACTIONS, accessTo, type AccessOptions, type Action, type RequiredAccess } from '../../access/index.js';
import type { InputClass } from '../../http/index.js';
import type { StoredRow } from '../dto/business.dto.js';
import { quoted } from '../sql.js';
import { type Column, type Table, tableOf } from './columns.js';
import { type ComputedColumn, computedColumn } from './computed.js';
import { describeRow } from './describe-row.js';
import { activeExpression, listingOf } from './listing.js';
import { type Machine, machineOf } from './machine.js';
import { type Names, namesOf } from './names.js';
import type { Holding, Reference, Resource, ResourceInput } from './resource.js';

/** Columns that the system writes. */
const KEPT = ['tenant_id', 'id', 'version', 'created_at', 'updated_at', 'created_by', 'updated_by', 'deleted_at'];
/** Columns that `businessRecord` brings. */
const BUSINESS = [...KEPT, 'owner_id', 'tags', 'metadata'];
/** What stands before columns of a relation that has more than a table's. */
const ALIAS = 'r.';

/**
 * Compiles what a module says of its resource: `export const Leads = defineResource({ access: 'crm.leads', … })`.
 * @throws Error with a sentence, while the module is loaded, for whatever does not fit the table or the registry
 */
export function defineResource<Row extends StoredRow>(input: ResourceInput<Row>): Resource<Row> {
  try {
    return Object.freeze(compile(input));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`resource ${input.access}: ${error.message}`, { cause: error });
  }
}

function compile<Row extends StoredRow>(input: ResourceInput<Row>): Resource<Row> {
  const { access, create, beside = [] } = input;
  const table = tableOf(input.entity);
  const names = namesOf(input, table);
  if (names.isBusiness) assertBusiness(table, names);
  const isPlain = [input.computed, input.furtherFilters, input.query].every((each) => each === undefined);
  const alias = isPlain ? '' : ALIAS;
  const computed = Object.entries(input.computed ?? {}).map(([wire, each]) => computedColumn(wire, each, alias));
  const writable = new Map([...table.columns].filter(([wire]) => !KEPT.includes(wire)));
  const update = input.update ?? (create && updateOf(create));
  if (create) checkInput(create, [...writable.keys(), 'tenant_id', ...beside], table);
  if (update) checkInput(update, [...writable.keys(), ...beside], table);
  describeRow(input.row, table);
  const scope = input.scope ?? (names.isBusiness ? 'owner_id' : undefined);
  const options = input.options ?? {};
  return {
    ...names,
    ...answerOf(table, computed, alias),
    access,
    table,
    holding: holdingOf(table),
    relation: relationOf(input, table, alias),
    alias,
    writable,
    create,
    update,
    row: input.row,
    permissions: { ...permissionsOf(access, options), ...input.asks },
    options,
    listing: listingOf(table, input, computed, alias),
    machines: machinesOf(input, table),
    references: referencesOf(input, table),
    people: new Map(Object.entries(input.people ?? (names.isBusiness ? { owner: 'owner_id' } : {}))),
    scope: scope === undefined ? undefined : `${alias}${columnOf(table, scope, 'scope').quoted}`,
    parent: parentOf(input, table),
    conditions: [],
  };
}

const FLAGS = ['is_active', 'is_deleted'];

/** What is answered, and how it is read. */
function answerOf(table: Table, computed: readonly ComputedColumn[], alias: string) {
  const isRestorable = table.columns.has('deleted_at');
  const all = [...table.columns.values(), ...computed];
  return {
    isRestorable,
    times: all.filter(({ type }) => type.kind === 'time').map(({ wire }) => wire),
    answered: [...new Set([...all.map(({ wire }) => wire), ...(isRestorable ? FLAGS : [])])],
    select: selectOf(table, computed, alias, isRestorable),
  };
}

function assertBusiness(table: Table, { key, isPrivate }: Names): void {
  if (table.name !== key) throw new Error(`its table is called ${table.name} and must be called ${key}`);
  for (const wire of BUSINESS)
    if (!table.columns.has(wire)) throw new Error(`${table.name} lacks ${wire}: make its entity with businessRecord`);
  const isHeld = table.policies.some((policy) => policy.includes('owner_id') && policy.includes('app.user_id'));
  if (isPrivate && !isHeld) throw new Error(`it is private, and ${table.name} has no policy "owner_id = app.user_id"`);
}

function holdingOf(table: Table): Holding {
  const organization = table.columns.get('tenant_id');
  if (organization !== undefined) return organization.nullable ? 'built_in' : 'own';
  return table.name === 'organizations' ? 'itself' : 'global';
}

function relationOf({ view, query }: ResourceInput<StoredRow>, table: Table, alias: string): string {
  const named = view === undefined ? table.quoted : `"core".${quoted(view)}`;
  const relation = query === undefined ? named : `(${query})`;
  return alias === '' ? relation : `${relation} as ${alias.slice(0, -1)}`;
}

function permissionsOf(access: string, options: AccessOptions): Record<Action, RequiredAccess> {
  const [create, read, update, remove, manage] = ACTIONS.map((action) => accessTo(access, action, options));
  if (!create || !read || !update || !remove || !manage) throw new Error(`"${access}" lacks a permission`);
  return { create, read, update, delete: remove, manage };
}

/** PATCH takes what POST takes, in parts; the tenant of a record never changes. */
function updateOf(create: InputClass<object>): InputClass<object> {
  const name = `Update${create.name.replace(/^Create/, '')}`;
  const parts: InputClass<object> = PartialType(OmitType(create, ['tenant_id'] as never[]));
  const named = { [name]: class extends parts {} };
  return named[name] ?? parts;
}

/** A property of a body that is no column would be lost without a word. */
function checkInput(input: InputClass<object>, allowed: readonly string[], table: Table): void {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(input, '', false, false);
  for (const { propertyName } of metadata)
    if (!allowed.includes(propertyName))
      throw new Error(`${input.name} has ${propertyName}, which is no column of ${table.name} that a body may set`);
}

function machinesOf({ machine = {} }: ResourceInput<StoredRow>, table: Table): Machine[] {
  return Object.entries(machine).map(([wire, steps]) => machineOf(columnOf(table, wire, 'machine'), steps));
}

function referencesOf({ references = {} }: ResourceInput<StoredRow>, table: Table): Reference[] {
  return Object.entries(references).map(([wire, to]) => ({ column: columnOf(table, wire, 'references'), to }));
}

function parentOf({ parent, path = '' }: ResourceInput<StoredRow>, table: Table) {
  if (parent === undefined) return undefined;
  const [parameter] = /[^:/]+(?=\/[^:]*$)/.exec(path) ?? [];
  if (parameter === undefined || !path.includes(`:${parameter}/`)) throw new Error(`${path} has no parameter above it`);
  return { parameter, column: columnOf(table, parent, 'parent') };
}

function columnOf(table: Table, wire: string, use: string): Column {
  const column = table.columns.get(wire);
  if (column === undefined) throw new Error(`${use} names ${wire}, which is no column of ${table.name}`);
  return column;
}

/** The two flags are computed: they follow from `deleted_at` and the status. */
function selectOf(
  table: Table,
  computed: readonly ComputedColumn[],
  read: string,
  isRestorable: boolean,
): (alias?: string) => string {
  const lists = new Map<string, string>();
  return (alias = '') => {
    const known = lists.get(alias);
    if (known !== undefined) return known;
    const of = alias === '' ? read : `${alias}.`;
    const list = [
      ...[...table.columns.values()].map((column) => selected(column, of)),
      ...computed.map(({ wire, expression }) => `${expression(of)} as ${quoted(wire)}`),
      ...(isRestorable ? flags(table, of) : []),
    ].join(', ');
    lists.set(alias, list);
    return list;
  };
}

const selected = ({ wire, name }: Column, of: string): string =>
  wire === name ? `${of}${quoted(name)}` : `${of}${quoted(name)} as ${quoted(wire)}`;
const flags = (table: Table, of: string): string[] => [
  `${activeExpression(table, of)} as "is_active"`,
  `(${of}"deleted_at" is not null) as "is_deleted"`,
];

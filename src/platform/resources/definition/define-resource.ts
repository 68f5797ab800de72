import { OmitType, PartialType } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';
import { ACTIONS, accessTo, findModule, type Action, type RequiredAccess } from '../../access/index.js';
import type { InputClass } from '../../http/index.js';
import type { BusinessRow } from '../dto/business.dto.js';
import { quoted } from '../sql.js';
import { type Column, type Table, tableOf } from './columns.js';
import { describeRow } from './describe-row.js';
import { activeExpression, listingOf } from './listing.js';
import { type Machine, machineOf } from './machine.js';
import { singular } from './singular.js';
import type { Reference, Resource, ResourceInput } from './resource.js';

/** Columns that `businessRecord` brings and the system writes. */
const KEPT = ['tenant_id', 'id', 'version', 'created_at', 'updated_at', 'created_by', 'updated_by', 'deleted_at'];
const COMMON = [...KEPT, 'owner_id', 'tags', 'metadata'];

/**
 * Compiles what a module says of its resource: `export const Leads = defineResource({ access: 'crm.leads', … })`.
 * @throws Error with a sentence, while the module is loaded, for whatever does not fit the table or the registry
 */
export function defineResource<Row extends BusinessRow>(input: ResourceInput<Row>): Resource<Row> {
  try {
    return Object.freeze(compile(input));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`resource ${input.access}: ${error.message}`, { cause: error });
  }
}

function compile<Row extends BusinessRow>(input: ResourceInput<Row>): Resource<Row> {
  const { access, create } = input;
  const names = namesOf(access);
  const table = tableOf(input.entity);
  if (table.name !== names.key) throw new Error(`its table is called ${table.name} and must be called ${names.key}`);
  for (const wire of COMMON)
    if (!table.columns.has(wire)) throw new Error(`${table.name} lacks ${wire}: make its entity with businessRecord`);
  if (
    names.isPrivate &&
    !table.policies.some((policy) => policy.includes('owner_id') && policy.includes('app.user_id'))
  )
    throw new Error(`it is private, and ${table.name} has no policy "owner_id = app.user_id"`);
  const writable = new Map([...table.columns].filter(([wire]) => !KEPT.includes(wire)));
  const update = input.update ?? updateOf(create);
  checkInput(create, [...writable.keys(), 'tenant_id'], table);
  checkInput(update, [...writable.keys()], table);
  describeRow(input.row, table);
  return {
    ...names,
    access,
    table,
    writable,
    create,
    update,
    row: input.row,
    permissions: permissionsOf(access),
    listing: listingOf(table, input),
    machines: machinesOf(input, table),
    references: referencesOf(input, table),
    times: [...table.columns.values()].filter(({ type }) => type.kind === 'time').map(({ wire }) => wire),
    select: selectOf(table),
  };
}

/** Path and names, from the registry. */
function namesOf(access: string) {
  const [moduleKey = '', submoduleKey] = access.split('.');
  const module = findModule(moduleKey);
  const submodule = module?.submodules.find(({ key }) => key === submoduleKey);
  if (module === undefined || submodule === undefined)
    throw new Error(`"${access}" is not in the module registry (platform/access/modules.ts)`);
  return {
    key: `${module.key}_${submodule.key}`,
    path: `${module.key.replaceAll('_', '-')}/${submodule.path}`,
    idParameter: `${singular(submodule.key)}_id`,
    title: submodule.name.toLowerCase(),
    isPrivate: submodule.private,
  };
}

function permissionsOf(access: string): Record<Action, RequiredAccess> {
  const [create, read, update, remove, manage] = ACTIONS.map((action) => accessTo(access, action));
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

function machinesOf({ machine = {} }: ResourceInput<BusinessRow>, table: Table): Machine[] {
  return Object.entries(machine).map(([wire, steps]) => machineOf(columnOf(table, wire, 'machine'), steps));
}

function referencesOf({ references = {} }: ResourceInput<BusinessRow>, table: Table): Reference[] {
  return Object.entries(references).map(([wire, to]) => ({ column: columnOf(table, wire, 'references'), to }));
}

function columnOf(table: Table, wire: string, use: string): Column {
  const column = table.columns.get(wire);
  if (column === undefined) throw new Error(`${use} names ${wire}, which is no column of ${table.name}`);
  return column;
}

/** The two flags are computed: they follow from `deleted_at` and the status. */
function selectOf(table: Table): (alias?: string) => string {
  const lists = new Map<string, string>();
  return (alias = '') => {
    const known = lists.get(alias);
    if (known !== undefined) return known;
    const of = alias === '' ? '' : `${alias}.`;
    const list = [...[...table.columns.values()].map((column) => selected(column, of)), ...flags(table, of)].join(', ');
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

import { DecimalType, type EntityClass, p } from '@mikro-orm/postgresql';
import { newId } from '../../common/ids.js';
import { tenantWall } from './policies.js';

/** Time columns hold milliseconds, as the wire does: a cursor made from an answer must equal what is stored. */
export const instant = () => p.datetime(3);

/** MikroORM's own makes the text 'null' of a null that an upsert returns. */
class ExactDecimal extends DecimalType {
  constructor() {
    super('string');
  }
  override convertToJSValue(value: string | null): string {
    return value ?? (null as never);
  }
}
/** An exact number, a string in JavaScript and on the wire. Money is `decimal(18, 2)`. */
export const decimal = (precision: number, scale: number) =>
  p.type(ExactDecimal).$type<string>().precision(precision).scale(scale);

export const stamps = {
  createdAt: instant().defaultRaw('now()'),
  updatedAt: instant().defaultRaw('now()'),
  createdBy: p.uuid().nullable(),
  updatedBy: p.uuid().nullable(),
};
export const softDelete = { deletedAt: instant().nullable() };
export const version = { version: p.integer().version().default(1) };
export const id = {
  id: p
    .uuid()
    .primary()
    .onCreate(() => newId()),
};

/** A generated lower-case twin of a text column: codes and addresses are compared without case, and a plain text index serves policies. */
export const lowerOf = (column: string, length: number) =>
  p.string().length(length).generated(`(lower((${column})::text)) stored`).nullable().hidden();

/** Text kept to a closed list: a check instead of a PostgreSQL enum, which is not leakproof and hard to change. */
export const oneOf = (table: string, column: string, values: readonly string[]) => ({
  name: `${table}_${column}_check`,
  expression: `${column} in (${values.map((value) => `'${value}'`).join(', ')})`,
});

/** The key of every tenant table: rows of two tenants can share an id, and a foreign key that carries both cannot cross. */
export const tenantKey = {
  organizationId: p.uuid().primary(),
  id: p
    .uuid()
    .primary()
    .onCreate(() => newId()),
};

/**
 * A relation by uuid columns that are properties of their own, each given with the column it refers to. What is referred
 * to is neither deleted nor given another key. Where the relation is what writes a column, `ownColumns` names it.
 */
export const reference = <Target extends EntityClass>(target: Target, columns: Record<string, string>) =>
  p
    .manyToOne(target)
    .ref()
    .joinColumns(...Object.keys(columns))
    .referencedColumnNames(...Object.values(columns))
    // MikroORM takes the types from the primary key, which is not always what is referred to
    .columnTypes(...Object.keys(columns).map(() => 'uuid'))
    .ownColumns()
    .deleteRule('no action')
    .updateRule('no action');

/** From one tenant table to another: the key carries the tenant, and can be deferred. */
export const tenantReference = <Target extends EntityClass>(target: Target, columns: Record<string, string>) =>
  reference(target, { organization_id: 'organization_id', ...columns }).deferMode('immediate');

/** Given as `organizationId` of the filter by EntityManagers that cross tenants. */
export const EVERY_ORGANIZATION = Symbol('every organization');
interface TenantFilter {
  organizationId: string | typeof EVERY_ORGANIZATION;
}
const filter = (cond: (organizationId: string) => object) => ({
  tenant: {
    name: 'tenant',
    default: true,
    cond: ({ organizationId }: TenantFilter) => (organizationId === EVERY_ORGANIZATION ? {} : cond(organizationId)),
  },
});
/** On by default, its parameter required: without a tenant it throws. */
export const tenantFilter = filter((organizationId) => ({ organizationId }));
/** For tables that hold built-in rows besides the tenant's own. Written out: `in (…, null)` finds no null. */
export const builtInFilter = filter((organizationId) => ({ $or: [{ organizationId }, { organizationId: null }] }));

/** Columns of every record of a business module, besides its own. */
export const businessRecord = {
  ...tenantKey,
  ownerId: p.uuid().nullable(),
  tags: p.json<string[]>().defaultRaw(`'[]'`),
  metadata: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
  ...version,
  ...stamps,
  ...softDelete,
};

type BusinessKey = 'organizationId' | 'createdAt' | 'ownerId' | 'id';
const index = (name: string, properties: BusinessKey[]) => ({ name, properties, where: 'deleted_at is null' });
/** The wall and the filter of a business resource's table, and the indexes that its lists are read by. */
export const businessTable = (tableName: string) => ({
  tableName,
  ...tenantWall,
  filters: tenantFilter,
  indexes: [
    index(`${tableName}_created_at_idx`, ['organizationId', 'createdAt', 'id']),
    index(`${tableName}_owner_id_idx`, ['organizationId', 'ownerId', 'createdAt', 'id']),
  ],
});

import {
  Configuration,
  type EntityClass,
  type EntityMetadata,
  type EntityProperty,
  MetadataDiscovery,
  MetadataStorage,
  PostgreSqlDriver,
  ReferenceKind,
} from '@mikro-orm/postgresql';
import { quoted } from '../sql.js';
import { type ColumnType, columnTypeOf, oneOfType } from './column-types.js';

/** A column as callers see it. */
export interface Column {
  /** `tenant_id` where the column is `organization_id`, else the column's own name */
  readonly wire: string;
  readonly name: string;
  /** the name as it stands in SQL */
  readonly quoted: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export interface Table {
  readonly name: string;
  /** Of core, which stands once; none: a table of the tenant plane. */
  readonly schema: 'core' | undefined;
  /** As it stands in SQL: `"crm_leads"`, `"core"."menus"`. */
  readonly quoted: string;
  /** Those that are answered, by their wire names: neither hidden nor generated ones. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The names of those that are not. */
  readonly unseen: readonly string[];
  /** What the policies of the table say, for checks at load. */
  readonly policies: readonly string[];
}

const TENANT_COLUMN = 'organization_id';
/** Where the columns that every record has stand in an answer: the others come between. */
const FIRST = ['id', 'tenant_id'];
const LAST = [
  'owner_id',
  'tags',
  'metadata',
  'version',
  'created_at',
  'updated_at',
  'created_by',
  'updated_by',
  'deleted_at',
];

/**
 * The table of an entity, from MikroORM's metadata: no connection is opened.
 * @throws Error for a column of a type that resources do not handle
 */
export function tableOf(entity: EntityClass<object>): Table {
  const metadata = metadataOf(entity);
  const lists = closedLists(metadata);
  const columns = new Map<string, Column>();
  const unseen: string[] = [];
  for (const property of Object.values<EntityProperty>(metadata.properties)) {
    const [name, ...more] = property.kind === ReferenceKind.SCALAR ? property.fieldNames : [];
    if (name === undefined || more.length > 0 || property.persist === false) continue;
    if (property.hidden === true || property.generated !== undefined) {
      unseen.push(name);
      continue;
    }
    const column = columnOf(metadata.tableName, name, property, lists.get(name));
    columns.set(column.wire, column);
  }
  const policies = metadata.policies.flatMap(({ using }) => (typeof using === 'string' ? [using] : []));
  const { tableName: name } = metadata;
  const schema = metadata.schema === 'core' ? 'core' : undefined;
  const inSql = schema === undefined ? quoted(name) : `"core".${quoted(name)}`;
  return { name, schema, quoted: inSql, columns: arranged(columns), unseen, policies };
}

function arranged(columns: Map<string, Column>): Map<string, Column> {
  const placeOf = (wire: string): number => {
    if (FIRST.includes(wire)) return FIRST.indexOf(wire) - FIRST.length;
    return LAST.indexOf(wire) + 1;
  };
  return new Map([...columns].sort(([a], [b]) => placeOf(a) - placeOf(b)));
}

function columnOf(
  table: string,
  name: string,
  { columnTypes, nullable }: EntityProperty,
  values: readonly string[] | undefined,
): Column {
  const type = columnTypeOf(columnTypes[0] ?? '');
  if (type === undefined)
    throw new Error(
      `${table}.${name} has the type ${columnTypes.join()}, which resources do not handle (definition/column-types.ts)`,
    );
  return {
    wire: name === TENANT_COLUMN ? 'tenant_id' : name,
    name,
    quoted: quoted(name),
    type: values === undefined ? type : oneOfType(type, values),
    nullable: nullable === true,
  };
}

/** What the application's own ORM will find too, found before it is there: a definition is compiled when its file is loaded. */
function metadataOf(entity: EntityClass<object>): EntityMetadata {
  const config = new Configuration(
    { driver: PostgreSqlDriver, dbName: 'none', entities: [entity], discovery: { checkDuplicateFieldNames: false } },
    false,
  );
  const platform = config.getDriver().getPlatform();
  return new MetadataDiscovery(new MetadataStorage(), platform, config).discoverSync().get(entity);
}

const CLOSED_LIST = /^(\w+) in \(('[^']*'(?:, '[^']*')*)\)$/;

/** The values of columns that `oneOf` (database/columns.ts) keeps to a list by a check. */
function closedLists({ checks }: EntityMetadata): Map<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  for (const { expression } of checks) {
    const [, column, values] = typeof expression === 'string' ? (CLOSED_LIST.exec(expression) ?? []) : [];
    if (column !== undefined && values !== undefined) lists.set(column, values.slice(1, -1).split(`', '`));
  }
  return lists;
}

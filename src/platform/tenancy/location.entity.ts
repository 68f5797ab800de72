import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, oneOf, locationsWall, stamps } from '../database/index.js';

/** A place where tenant tables exist: (server, database, schema). `database_name` null is the main database. */
const LocationSchema = defineEntity({
  name: 'Location',
  schema: 'core',
  tableName: 'locations',
  ...locationsWall,
  checks: [
    oneOf('locations', 'isolation', ['shared', 'schema', 'database']),
    oneOf('locations', 'status', ['provisioning', 'ready', 'migrating', 'failed', 'retired']),
  ],
  uniques: [
    { name: 'locations_main_key', properties: ['server', 'schemaName'], where: 'database_name is null' },
    { name: 'locations_key', properties: ['server', 'databaseName', 'schemaName'], where: 'database_name is not null' },
  ],
  properties: {
    ...id,
    isolation: p.string().length(10).$type<'shared' | 'schema' | 'database'>(),
    server: p.string().length(63).default('main'),
    databaseName: p.string().length(63).nullable(),
    schemaName: p.string().length(63),
    migration: p.string().length(255).nullable(),
    status: p.string().length(15).default('provisioning'),
    lastError: p.text().nullable(),
    ...stamps,
  },
});
export class Location extends LocationSchema.class {}
LocationSchema.setClass(Location);

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { grantsOfDatabase, grantsOfLocation } from './grants.js';
import { makeLedger, type MigratedSchema, readLedger, runMigrations, statusOf } from './migrated-schema.js';
import { migrationFiles, newestMigration } from './migration-files.js';
import { OwnerConnection } from './owner-connection.js';
import { APP_ROLE, MOVER_ROLE, PLATFORM_ROLE } from './policies.js';
import { type DatabaseAt, type DatabaseUrls, Servers } from './servers.js';

/** The schema of a database that is one tenant's. */
export const TENANT_SCHEMA = 'tenant';

/**
 * Makes and drops the schemas and databases of single tenants, as the owner. Whatever a crash left of it, a second call
 * finishes; two at once wait for one another.
 */
export class LocationMaker {
  private readonly servers: Servers;

  constructor(urls: DatabaseUrls) {
    this.servers = new Servers(urls);
  }

  /** Whether this process was given the owner's login there. */
  canMake(server: string): boolean {
    return this.servers.has('owner', server);
  }

  /** A schema of the main database with all tables, rights and policies. Gives its newest migration. */
  makeSchema(schema: string): Promise<string> {
    const { main } = this.servers;
    return this.alone(main, schema, (owner) => this.migrate(owner, { plane: 'tenant', ...main, schema }));
  }

  /** A database with the schema `tenant`, a copy of a migrated template. Gives its newest migration. */
  makeDatabase(at: DatabaseAt): Promise<string> {
    const maintenance = this.servers.maintenance(at.server);
    return this.alone(maintenance, at.database, async (owner) => {
      const server = await owner.at(maintenance);
      if (!(await find(server, at.database))) {
        const template = await this.template(at.server);
        await create(server, at.database, `template ${quoted(template)} strategy wal_log`);
      }
      // rights on a database are not copied from its template
      await server.query(`revoke all on database ${quoted(at.database)} from public;
        grant connect on database ${quoted(at.database)} to ${APP_ROLE}, ${PLATFORM_ROLE}`);
      // where nothing is ever moved there is no mover
      await server.query(`do $$ begin if exists (select from pg_roles where rolname = '${MOVER_ROLE}') then
        execute ${pg.escapeLiteral(`grant connect, temporary on database ${quoted(at.database)} to ${MOVER_ROLE}`)}; end if; end $$`);
      return this.migrate(owner, { plane: 'tenant', ...at, schema: TENANT_SCHEMA });
    });
  }

  /** With all that is in it; nothing where it is not there. */
  dropSchema(schema: string): Promise<void> {
    return this.alone(this.servers.main, schema, async (owner) => {
      const client = await owner.at(this.servers.main);
      await client.query(`drop schema if exists ${quoted(schema)} cascade`);
      await client.query('delete from tenancy.migrations where schema_name = $1', [schema]);
      await client.query('delete from tenancy.rights where schema_name = $1', [schema]);
    });
  }

  /**
   * Whoever is still connected to it is cut off where the owner may do that (`pg_signal_backend`), else waited for: pools
   * let idle connections go. Nothing where it is not there.
   */
  dropDatabase(at: DatabaseAt): Promise<void> {
    const maintenance = this.servers.maintenance(at.server);
    return this.alone(maintenance, at.database, async (owner) => {
      const server = await owner.at(maintenance);
      if (!(await find(server, at.database))) return;
      await server.query(`alter database ${quoted(at.database)} with allow_connections false`);
      for (const end = Date.now() + DROP_PATIENCE_MS; ;) {
        try {
          await server.query(`drop database if exists ${quoted(at.database)} with (force)`);
          return;
        } catch (error) {
          if (!isInUse(error) || Date.now() > end) throw error;
          await sleep(500);
        }
      }
    });
  }

  /**
   * The database that new ones of this server are copied from, named by the hash of what it holds and made at first use.
   * Nobody can be connected to what is copied. It gets its name when it is whole: other installations on the server may
   * want it too, and their locks are in databases of their own.
   */
  private async template(server: string): Promise<string> {
    const files = await migrationFiles('tenant');
    const parts = [...files.map(({ checksum }) => checksum), ...grantsOfDatabase(), ...grantsOfLocation(TENANT_SCHEMA)];
    const name = `${TEMPLATE}${hashOf(parts.join('\n'), 12)}`;
    const maintenance = this.servers.maintenance(server);
    return this.alone(maintenance, TEMPLATE, async (owner) => {
      const client = await owner.at(maintenance);
      if (await find(client, name)) return name;
      const draft = `${name}_${hashOf(maintenance.database, 8)}`;
      // half-made by one that died
      await dropDraft(client, draft);
      await create(client, draft, `template template0 encoding 'UTF8'`);
      await this.migrate(owner, { plane: 'tenant', server, database: draft, schema: TENANT_SCHEMA });
      const again = await owner.at(maintenance);
      await again.query(`alter database ${quoted(draft)} with allow_connections false is_template true`);
      try {
        await again.query(`alter database ${quoted(draft)} rename to ${quoted(name)}`);
      } catch (error) {
        if (!isTaken(error)) throw error;
        await dropDraft(again, draft);
      }
      return name;
    });
  }

  private async migrate(owner: OwnerConnection, place: MigratedSchema): Promise<string> {
    const client = await owner.at(place);
    await makeLedger(client);
    if (!this.servers.isMain(place)) await client.query('revoke all on schema public from public');
    const status = await statusOf(place, (await readLedger(client, place.schema)).get(place.schema));
    await runMigrations(client, status, status.pending, 'up');
    return newestMigration('tenant');
  }

  /** One maker of a name at a time. The lock goes with the connection: a maker that dies leaves nothing behind. */
  private async alone<T>(at: DatabaseAt, name: string, work: (owner: OwnerConnection) => Promise<T>): Promise<T> {
    const holder = new OwnerConnection(this.servers);
    const owner = new OwnerConnection(this.servers);
    try {
      const client = await holder.at(at);
      await client.query(`select pg_advisory_lock(hashtextextended('tenantry:making:' || $1, 0))`, [name]);
      return await work(owner);
    } finally {
      await owner.end();
      await holder.end();
    }
  }
}

const TEMPLATE = 'tenantry_template_';
/** Longer than an idle connection stays in a pool, and shorter than a transaction of the caller's may stay idle. */
const DROP_PATIENCE_MS = 45_000;
/** SQLSTATE: connections are left, or may not be cut. */
const isInUse = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '55006' || error.code === '42501');
/** SQLSTATE: a database has that name, by now or in the same moment. */
const isTaken = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505');
const quoted = (name: string): string => pg.escapeIdentifier(name);

const hashOf = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

async function find(client: pg.ClientBase, database: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  return rowCount !== 0;
}

/** Nothing where a maker that died has left the server at it, which ends it all the same. */
async function create(client: pg.ClientBase, database: string, how: string): Promise<void> {
  try {
    await client.query(`create database ${quoted(database)} ${how}`);
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
}

async function dropDraft(client: pg.ClientBase, database: string): Promise<void> {
  if (!(await find(client, database))) return;
  await client.query(`alter database ${quoted(database)} with is_template false`);
  await client.query(`drop database ${quoted(database)} with (force)`);
}

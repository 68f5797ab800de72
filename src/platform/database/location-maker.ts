import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Conflict } from '../../common/problem.js';
import { grantsOnDatabase } from './grants.js';
import { makeLedger, type MigratedSchema, readLedger, runMigrations, statusOf } from './migrated-schema.js';
import { newestMigration } from './migration-files.js';
import { OwnerConnection } from './owner-connection.js';
import { draftOf, finishDraft, Foreign, markOf, type OwnDatabase } from './own-databases.js';
import { type DatabaseAt, type DatabaseUrls, Servers } from './servers.js';
import {
  dropOthers,
  dropTemplate,
  findDatabase,
  finishTemplate,
  isTaken,
  templateNames,
} from './template-databases.js';

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

  /**
   * A schema of the main database with all tables, rights and policies. Gives its newest migration. @throws Conflict where
   * one of that name is somebody else's
   */
  makeSchema(schema: string): Promise<string> {
    const { main } = this.servers;
    return this.alone(main, schema, async (client) => {
      if (await isForeignSchema(client, schema))
        throw Conflict({ detail: `The schema ${schema} is not the product’s.` });
      return this.migrate(client, { plane: 'tenant', ...main, schema });
    });
  }

  /**
   * A database with the schema `tenant`, a copy of a migrated template. Gives its newest migration. @throws Conflict where
   * another installation has one of that name
   */
  makeDatabase(own: OwnDatabase): Promise<string> {
    const maintenance = this.servers.maintenance(own.server);
    return this.alone(maintenance, own.database, async (server) => {
      const mark = await markOf(server, own.database);
      if (mark !== undefined) {
        if (mark !== own.location) throw Foreign(own);
        // its dropping may have been broken off
        await server.query(`alter database ${quoted(own.database)} with allow_connections true`);
        await server.query(grantsOnDatabase(own.database).join('; '));
        // one that was left half-made may be a copy of an older template
        return this.migrateDatabase(own);
      }
      const template = await this.template(own.server, server);
      await dropTemplate(server, draftOf(own));
      const isNew = await create(server, draftOf(own), `template ${quoted(template)} strategy wal_log`);
      if (!(await finishDraft(server, own))) throw Foreign(own);
      return isNew ? newestMigration('tenant') : this.migrateDatabase(own);
    });
  }

  /** A database that core never knows of, with the tables as they were at a migration. What stood there is dropped. */
  makeScratch(at: DatabaseAt, until: string): Promise<void> {
    const maintenance = this.servers.maintenance(at.server);
    return this.alone(maintenance, at.database, async (server) => {
      await dropTemplate(server, at.database);
      await server.query(`create database ${quoted(at.database)} template template0 encoding 'UTF8'`);
      await server.query(`revoke all on database ${quoted(at.database)} from public`);
      await this.migrateDatabase(at, until);
    });
  }

  /** Runs there what has come since, over whatever rows it has by now. */
  async finishScratch(at: DatabaseAt): Promise<void> {
    await this.alone(this.servers.maintenance(at.server), at.database, () => this.migrateDatabase(at));
  }

  /** With all that is in it; nothing where it is not there, or is somebody else's. */
  dropSchema(schema: string): Promise<void> {
    return this.alone(this.servers.main, schema, async (client) => {
      if (await isForeignSchema(client, schema)) return;
      const name = pg.escapeLiteral(schema);
      // one transaction: a ledger without its schema would be taken for one that has all its tables
      await client.query(`drop schema if exists ${quoted(schema)} cascade;
        delete from tenancy.migrations where schema_name = ${name}; delete from tenancy.rights where schema_name = ${name}`);
    });
  }

  /**
   * Whoever is still connected to it is cut off where the owner may do that (`pg_signal_backend`), else waited for: pools
   * let idle connections go. Nothing where it is not there, or is not this installation's.
   */
  dropDatabase(own: OwnDatabase): Promise<void> {
    return this.alone(this.servers.maintenance(own.server), own.database, async (server) => {
      await dropTemplate(server, draftOf(own));
      if ((await markOf(server, own.database)) === own.location) await dropPatiently(server, own.database);
    });
  }

  /** One that core never knew of. */
  dropScratch(at: DatabaseAt): Promise<void> {
    return this.alone(this.servers.maintenance(at.server), at.database, async (server) => {
      if (await findDatabase(server, at.database)) await dropPatiently(server, at.database);
    });
  }

  /**
   * The database that new ones of this server are copied from, named by the hash of what it holds and made at first use.
   * Nobody can be connected to what is copied. It gets its name when it is whole: other installations on the server may
   * want it too, and their locks are in databases of their own.
   */
  private async template(server: string, asked: pg.ClientBase): Promise<string> {
    const maintenance = this.servers.maintenance(server);
    const names = await templateNames(TENANT_SCHEMA, maintenance.database);
    const { whole, draft } = names;
    if (await findDatabase(asked, whole)) return whole;
    return this.alone(maintenance, TEMPLATE_LOCK, async (client) => {
      if (await findDatabase(client, whole)) return whole;
      // half-made by one that died
      await dropTemplate(client, draft);
      await create(client, draft, `template template0 encoding 'UTF8'`);
      await this.migrateDatabase({ server, database: draft });
      const installation = this.servers.main.database;
      await finishTemplate(client, names, installation);
      await dropOthers(client, names, installation);
      return whole;
    });
  }

  private migrateDatabase(at: DatabaseAt, until?: string): Promise<string> {
    return this.connected(at, async (client) => {
      await client.query('revoke all on schema public from public');
      return this.migrate(client, { plane: 'tenant', ...at, schema: TENANT_SCHEMA }, until);
    });
  }

  private async migrate(client: pg.Client, place: MigratedSchema, until?: string): Promise<string> {
    await makeLedger(client);
    const status = await statusOf(place, (await readLedger(client, place.schema)).get(place.schema));
    const wanted = status.pending.filter((name) => until === undefined || name <= until);
    await runMigrations(client, status, wanted, 'up');
    return newestMigration('tenant');
  }

  /**
   * One maker of a name at a time, who works in that database on the connection that has the lock. It goes with the
   * connection: a maker that dies leaves nothing behind.
   */
  private alone<T>(at: DatabaseAt, name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.connected(at, async (client) => {
      await client.query(`select pg_advisory_lock(hashtextextended('tenantry:making:' || $1, 0))`, [name]);
      return work(client);
    });
  }

  private async connected<T>(at: DatabaseAt, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const owner = new OwnerConnection(this.servers);
    try {
      return await work(await owner.at(at));
    } finally {
      await owner.end();
    }
  }
}

/** Of every version: a node knows neither what others make nor when. */
const TEMPLATE_LOCK = 'tenantry_template_';
/** Longer than an idle connection stays in a pool, and shorter than a transaction of the caller's may stay idle. */
const DROP_PATIENCE_MS = 45_000;
/** SQLSTATE: connections are left, or may not be cut. */
const isInUse = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '55006' || error.code === '42501');
const quoted = (name: string): string => pg.escapeIdentifier(name);

/** One that is there, without a line in the ledger: those of the product get both in one transaction. */
async function isForeignSchema(client: pg.ClientBase, schema: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  return rowCount !== 0 && !(await readLedger(client, schema)).has(schema);
}

async function dropPatiently(client: pg.ClientBase, database: string): Promise<void> {
  await client.query(`alter database ${quoted(database)} with allow_connections false`);
  for (const end = Date.now() + DROP_PATIENCE_MS; ;) {
    try {
      await client.query(`drop database if exists ${quoted(database)} with (force)`);
      return;
    } catch (error) {
      if (!isInUse(error) || Date.now() > end) throw error;
      await sleep(500);
    }
  }
}

/** False where a maker that died has left the server at it, which ends it all the same. */
async function create(client: pg.ClientBase, database: string, how: string): Promise<boolean> {
  try {
    await client.query(`create database ${quoted(database)} ${how}`);
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
    return false;
  }
}

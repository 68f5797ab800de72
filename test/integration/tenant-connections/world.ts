import pg from 'pg';
import type { ConnectionSource, Preamble, TenantConnectionsOptions } from '../../../src/platform/database/index.js';
import { database } from '../../support/dist.js';
import { freshDatabase } from '../../support/database.js';

/** What the application prepares is there, and does nothing. */
const FENCES = ['enter', 'enter_read'].map(
  (name) => `create function tenancy.${name}(uuid, int, uuid) returns void language sql as 'select'`,
);
export const ENTER: Preamble = { statement: 'tenancy_enter', values: [null, 1, 'pg_catalog', null] };

export interface TenantDatabases {
  readonly names: readonly string[];
  /** The logins of the cluster, at a database of nobody. */
  readonly urls: { owner: string; app: string; platform: string };
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Backends of connections to these databases that the application has opened, as the server counts them. */
  backends(): Promise<number[]>;
  /** Counts them without a pause until `work` has ended: the highest count. */
  mostDuring(work: () => Promise<unknown>): Promise<number>;
  drop(): Promise<void>;
}

const urlAt = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;

/** So many databases of tenants, without tables. */
export async function tenantDatabases(count: number): Promise<TenantDatabases> {
  const home = await freshDatabase({ empty: true });
  const names = Array.from({ length: count }, (_, index) => `${home.name}_${String(index)}`);
  const [template = '', ...copies] = names;
  const superuser = new pg.Client(home.urls.superuser);
  await superuser.connect();
  await superuser.query(`create database ${template} template template0 strategy file_copy`);
  const client = new pg.Client(urlAt(home.urls.superuser, template));
  await client.connect();
  await client.query(['create schema tenancy', 'grant usage on schema tenancy to public', ...FENCES].join('; '));
  await client.end();
  for (const copy of copies) await superuser.query(`create database ${copy} template ${template} strategy file_copy`);

  const backends = async () => {
    const { rows } = await superuser.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'tenantry' and datname = any ($1)`,
      [names],
    );
    return rows.map(({ pid }) => pid);
  };
  return {
    ...{ names, backends, urls: home.urls, sql: home.sql },
    mostDuring: async (work) => {
      const over = new AbortController();
      const done = work().finally(() => over.abort());
      let most = 0;
      while (!over.signal.aborted) most = Math.max(most, (await backends()).length);
      await done;
      return most;
    },
    drop: async () => {
      for (const name of names) await superuser.query(`drop database if exists ${name} with (force)`);
      await superuser.end();
      await home.drop();
    },
  };
}

/** Connections as the application has them, with limits and times of the test's own. */
export class Connections {
  readonly all: InstanceType<typeof database.TenantConnections>;

  constructor(
    private readonly urls: TenantDatabases['urls'],
    options: Partial<TenantConnectionsOptions> = {},
  ) {
    this.all = new database.TenantConnections({ max: 20, lifetimeMs: 60_000, ...options });
  }

  /** @param url of the server */
  to(name: string, server = 'main', url = this.urls.platform): ConnectionSource {
    return this.all.source(`${server}/${name}`, () => ({
      ...{ login: 'platform', server, database: name },
      options: { connectionString: urlAt(url, name), application_name: 'tenantry' },
    }));
  }

  /** So many of one database's connections, taken. */
  take(name: string, count: number): Promise<pg.PoolClient[]> {
    return Promise.all(Array.from({ length: count }, () => this.to(name).connect()));
  }
}

export const pidOf = async (source: ConnectionSource): Promise<number | undefined> => {
  const { rows } = await source.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
};

/** Where a connection leads. */
export const databaseOf = async (client: ConnectionSource | pg.PoolClient): Promise<string | undefined> => {
  const { rows } = await (client as pg.PoolClient).query<{ name: string }>('select current_database() as name');
  return rows[0]?.name;
};

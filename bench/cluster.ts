import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { prepareCluster } from '../src/platform/database/logins.js';
import { startEmbedded } from '../src/platform/database/embedded.js';
import { type DatabaseUrls, Migrator } from '../src/platform/database/index.js';

/** Of this throw-away cluster, which only loopback reaches. */
const PASSWORDS = { owner: 'owner', app: 'app', platform: 'platform' };
const SUPERUSER_PASSWORD = 'superuser';
/** Several servers with a pool each are connected at once. Everything else is as shipped, durability above all. */
const SETTINGS = { max_connections: '200' };

export interface Database {
  readonly urls: DatabaseUrls & { readonly superuser: string };
}

/** A PostgreSQL of the bench's own in a temporary folder. */
export interface Cluster {
  /** `PostgreSQL 18.4` */
  readonly version: string;
  /** A new database, migrated and without rows. */
  database(name: string): Promise<Database>;
  /** Microseconds of CPU of all backends so far; undefined where the system does not tell. */
  cpu(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  const directory = join(folder, 'postgres');
  const postgres = await startEmbedded({
    directory,
    password: SUPERUSER_PASSWORD,
    log: () => undefined,
    settings: SETTINGS,
  });
  const postmaster = Number((await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
  return {
    version: await versionOf(postgres.superuserUrl('postgres')),
    database: async (name) => {
      const logins = await prepareCluster(postgres.superuserUrl('postgres'), PASSWORDS, name);
      await new Migrator(logins.ownerUrl, 'shared').migrate();
      const superuser = postgres.superuserUrl(name);
      return { urls: { owner: logins.ownerUrl, app: logins.appUrl, platform: logins.platformUrl, superuser } };
    },
    cpu: () => cpuOfChildren(postmaster),
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements as the superuser, whom no wall stops. */
export async function asSuperuser<T>({ urls }: Database, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: urls.superuser });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function versionOf(superuser: string): Promise<string> {
  return asSuperuser({ urls: { app: '', platform: '', superuser } }, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return `PostgreSQL ${rows[0]?.server_version ?? ''}`;
  });
}

/** Linux tells in /proc; a backend that ended meanwhile is left out. */
async function cpuOfChildren(parent: number): Promise<number | undefined> {
  const processes = await readdir('/proc').catch(() => undefined);
  if (processes === undefined) return undefined;
  const times = await Promise.all(processes.filter((name) => /^\d+$/.test(name)).map((pid) => cpuOfChild(pid, parent)));
  return times.reduce((sum, time) => sum + time, 0);
}

async function cpuOfChild(pid: string, parent: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const parentOf = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parentOf !== parent) return 0;
    return Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ', 1)[0]) / 1000;
  } catch {
    return 0;
  }
}

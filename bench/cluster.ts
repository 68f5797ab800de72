import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { prepareCluster } from '../src/platform/database/logins.js';
import { startEmbedded } from '../src/platform/database/embedded.js';
import { Migrator } from '../src/platform/database/index.js';

/** Of this throw-away cluster, which only loopback reaches. */
const PASSWORDS = { owner: 'owner', app: 'app', platform: 'platform', mover: 'mover' };
const SUPERUSER_PASSWORD = 'superuser';
/** Several servers with a pool each are connected at once. Everything else is as shipped, durability above all. */
const SETTINGS = { max_connections: '200' };

/** Connection strings of the logins. */
export interface Database {
  readonly owner: string;
  readonly app: string;
  readonly platform: string;
  readonly mover: string;
  readonly superuser: string;
}

/** A PostgreSQL of the bench's own in a temporary folder. */
export interface Cluster {
  /** `PostgreSQL 18.4` */
  readonly version: string;
  /** A new database, migrated and without rows. */
  database(name: string): Promise<Database>;
  /** The same database once more, rows and all. Nobody may be connected to it. */
  copy(database: Database, name: string): Promise<Database>;
  /** Microseconds of CPU of all backends so far; undefined where the system does not tell. */
  cpu(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  const directory = join(folder, 'postgres');
  const options = { directory, password: SUPERUSER_PASSWORD, log: () => undefined, settings: SETTINGS };
  const postgres = await startEmbedded(options);
  const postmaster = Number((await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n', 1)[0]);
  const administration = postgres.superuserUrl('postgres');
  const cpuByProcess = new Map<string, number>();
  return {
    version: await versionOf(administration),
    database: async (name) => {
      const { ownerUrl, appUrl, platformUrl, moverUrl } = await prepareCluster(administration, PASSWORDS, name);
      const urls = { owner: ownerUrl, app: appUrl, platform: platformUrl, mover: moverUrl };
      await new Migrator(urls, 'shared').migrate();
      return { ...urls, superuser: postgres.superuserUrl(name) };
    },
    copy: async (database, name) => {
      await asSuperuser(administration, (client) =>
        client.query(`create database ${name} template ${new URL(database.superuser).pathname.slice(1)}`),
      );
      const at = (url: string): string => new URL(`/${name}`, url).href;
      const { owner, app, platform, mover, superuser } = database;
      return { owner: at(owner), app: at(app), platform: at(platform), mover: at(mover), superuser: at(superuser) };
    },
    cpu: () => cpuOfChildren(postmaster, cpuByProcess),
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements as the superuser, whom no wall stops. */
export async function asSuperuser<T>(superuser: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: superuser });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function versionOf(superuser: string): Promise<string> {
  const { rows } = await asSuperuser(superuser, (client) =>
    client.query<{ server_version: string }>('show server_version'),
  );
  return `PostgreSQL ${rows[0]?.server_version ?? ''}`;
}

/** Linux tells in /proc; a backend that has ended counts with what was seen of it last. */
async function cpuOfChildren(parent: number, seen: Map<string, number>): Promise<number | undefined> {
  const processes = await readdir('/proc').catch(() => undefined);
  if (processes === undefined) return undefined;
  const pids = processes.filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => seen.set(pid, Math.max(seen.get(pid) ?? 0, await cpuOfChild(pid, parent)))),
  );
  return [...seen.values()].reduce((sum, time) => sum + time, 0);
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

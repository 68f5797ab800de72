import pg from 'pg';
import type { Config } from '../../config/index.js';
import { localSecrets } from '../../config/index.js';
import { startEmbedded } from './embedded.js';
import { prepareCluster } from './logins.js';
import { migrationFiles } from './migration-files.js';
import type { MigrationStep } from './migrated-schema.js';
import { Migrator } from './migrator.js';
import type { Pools } from './pools.js';
import type { DatabaseUrls } from './servers.js';

/** SQLSTATE; of a schema that is not there as well. */
const NO_SUCH_TABLE = '42P01';

/** The databases of this process. `close` ends the embedded PostgreSQL, unless another node still uses it. */
export interface OpenDatabase {
  readonly urls: DatabaseUrls;
  readonly embedded: boolean;
  close(): Promise<void>;
}

/**
 * The configured servers or, when nothing is configured, the embedded PostgreSQL of DATA_DIR: started, or adopted from
 * a process that died or still runs. `log` receives its lines.
 */
export async function openDatabase(
  config: Config,
  log: (line: string) => void = () => undefined,
): Promise<OpenDatabase> {
  if (config.database.kind === 'external') {
    const { ownerUrl, appUrl, platformUrl, moverUrl } = config.database;
    const urls = {
      app: appUrl,
      platform: platformUrl,
      ...(ownerUrl === undefined ? {} : { owner: ownerUrl }),
      ...(moverUrl === undefined ? {} : { mover: moverUrl }),
      servers: config.tenantServers,
    };
    return { urls, embedded: false, close: () => Promise.resolve() };
  }
  const { passwords } = localSecrets(config.dataDir);
  const server = await startEmbedded({ directory: `${config.dataDir}/postgres`, password: passwords.postgres, log });
  const stop = async () => {
    await server.stop();
  };
  try {
    const { ownerUrl, appUrl, platformUrl, moverUrl } = await prepareCluster(
      server.superuserUrl('postgres'),
      passwords,
    );
    const urls = {
      owner: ownerUrl,
      app: appUrl,
      platform: platformUrl,
      mover: moverUrl,
      servers: config.tenantServers,
    };
    return { urls, embedded: true, close: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Migrates before serving where that is nobody else's business: the embedded database, and development with the owner's
 * login. Elsewhere it is a step of the deployment (`tenantry migrate`), and a node refuses to serve before it.
 */
export async function migrateAtStart(
  config: Config,
  { urls, embedded }: OpenDatabase,
  onStep: (step: MigrationStep) => void,
): Promise<void> {
  if (urls.owner === undefined || (!embedded && config.environment === 'production')) return;
  await new Migrator(urls, config.sharedSchema, { onStep }).migrate();
}

/** What this node's migrations hold that core or a location has not had yet, as `schema: name`. Empty: it may serve. */
export async function pendingMigrations(pools: Pools, sharedSchema: string): Promise<string[]> {
  const { rows } = await pools
    .get('platform')
    .query<{ key: string }>(`select schema_name || ': ' || name as key from tenancy.migrations`)
    .catch((error: unknown) => {
      if (error instanceof pg.DatabaseError && error.code === NO_SUCH_TABLE) return { rows: [] };
      throw error;
    });
  const applied = new Set(rows.map(({ key }) => key));
  const wanted = [
    ...(await migrationFiles('core')).map(({ name }) => `core: ${name}`),
    ...(await migrationFiles('tenant')).map(({ name }) => `${sharedSchema}: ${name}`),
  ];
  return wanted.filter((key) => !applied.has(key));
}

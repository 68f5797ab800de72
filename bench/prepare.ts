import 'reflect-metadata';
import { runSeeders } from '../seeders/index.js';
import { createApp } from '../src/app.setup.js';
import { loadConfig } from '../src/config/index.js';
import type { Cluster, Database } from './cluster.js';
import { type DataOptions, fill } from './data.js';
import { productEnvironment } from './servers/environment.js';

/** A migrated database with the plans and roles of the product and the rows of the bench. */
export async function prepareDatabase(cluster: Cluster, name: string, data: DataOptions): Promise<Database> {
  const database = await cluster.database(name);
  const { urls } = database;
  const config = loadConfig({ ...productEnvironment(urls), LOG_LEVEL: 'silent' });
  const app = await createApp(config, { urls, embedded: false, close: () => Promise.resolve() });
  await runSeeders(app, { names: ['entitlements', 'roles'] });
  await app.close();
  await fill(database, data);
  return database;
}

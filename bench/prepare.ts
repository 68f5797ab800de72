import { runSeeders } from '../seeders/index.js';
import type { Cluster, Database } from './cluster.js';
import { type DataOptions, fill } from './data.js';
import { startApplication } from './servers/application.js';

/** A migrated database with the plans and roles of the product and the rows of the bench. */
export async function prepareDatabase(cluster: Cluster, name: string, data: DataOptions): Promise<Database> {
  const database = await cluster.database(name);
  const app = await startApplication(database, { LOG_LEVEL: 'silent' });
  await runSeeders(app, { names: ['entitlements', 'roles'] });
  await app.close();
  await fill(database, data);
  return database;
}

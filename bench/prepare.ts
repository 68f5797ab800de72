import { runSeeders } from '../seeders/index.js';
import { asSuperuser, type Cluster, type Database } from './cluster.js';
import { startApplication } from './servers/application.js';

/** A migrated database with the plans and roles of the product and the rows of the bench. */
export async function prepareDatabase(
  cluster: Cluster,
  name: string,
  fill: (database: Database) => Promise<void>,
): Promise<Database> {
  const database = await cluster.database(name);
  const app = await startApplication(database, { LOG_LEVEL: 'silent' });
  await runSeeders(app, { names: ['entitlements', 'roles'] });
  await app.close();
  await fill(database);
  await settle(database.superuser);
  return database;
}

/** Leaves nothing for autovacuum to do while something is measured. */
export const settle = (superuser: string): Promise<void> =>
  asSuperuser(superuser, async (client) => {
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });

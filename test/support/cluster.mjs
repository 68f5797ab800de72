// Plain JavaScript: jest's global hooks load it outside of its own transformation.
import pg from 'pg';
import { startEmbedded } from '../../dist/src/platform/database/embedded.js';
import { prepareCluster } from '../../dist/src/platform/database/logins.js';
import { Migrator } from '../../dist/src/platform/database/migrator.js';
import { PASSWORDS, SUPERUSER_PASSWORD, TEMPLATE, urlsOf } from './urls.mjs';

/** Durability is off: nobody pulls the plug here. What proves durability starts a cluster of its own. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

export const startCluster = (directory) =>
  startEmbedded({ directory, password: SUPERUSER_PASSWORD, log: () => undefined, settings: FAST });

/** Of the demo password, at bcrypt's lowest cost: signing in is not what most tests are about, and the product's takes 0.3 s. */
const CHEAP_HASH = '$2b$04$OyikpDr.suIYzfOYD/o9ZO8yOEI1X01ei6XIHKkKup.KZFqz7N/sy';

export async function makeTemplate(cluster) {
  await prepareCluster(cluster.superuserUrl('postgres'), PASSWORDS, TEMPLATE);
  const urls = urlsOf(cluster.port, TEMPLATE);
  await new Migrator(urls, 'shared').migrate();
  const { seedDatabase } = await import('./seed.mjs');
  await seedDatabase(urls);
  const client = new pg.Client(cluster.superuserUrl(TEMPLATE));
  await client.connect();
  await client.query('update core.users set hashed_password = $1', [CHEAP_HASH]);
  const { rows } = await client.query(
    'select database_name as name from core.locations where database_name is not null',
  );
  await client.end();
  await lock(cluster, [TEMPLATE, ...rows.map(({ name }) => name)]);
}

/** Nobody can be connected to what is copied. */
async function lock(cluster, databases) {
  const client = new pg.Client(cluster.superuserUrl('postgres'));
  await client.connect();
  for (const name of databases)
    await client.query(`alter database ${name} with allow_connections false is_template true`);
  await client.end();
}

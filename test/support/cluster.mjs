// Plain JavaScript: jest's global hooks load it outside of its own transformation.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startEmbedded } from '../../dist/src/platform/database/embedded.js';
import { LocationMaker } from '../../dist/src/platform/database/location-maker.js';
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
  if (process.env.PLACEMENT === 'moving') await makePlaces(client, urls);
  await client.query('update core.users set hashed_password = $1', [CHEAP_HASH]);
  const { rows } = await client.query(
    'select database_name as name from core.locations where database_name is not null',
  );
  await client.end();
  await lock(cluster, [TEMPLATE, ...rows.map(({ name }) => name)]);
}

/** A schema and a database for each demo tenant, with nobody there: see `back-and-forth.ts`. */
async function makePlaces(client, urls) {
  const maker = new LocationMaker(urls);
  const { rows } = await client.query('select tenant_code as code from core.organizations');
  for (const { code } of rows) {
    const name = `tenant_moving_${code}`;
    await maker.makeSchema(name);
    const location = randomUUID();
    await maker.makeDatabase({ server: 'main', database: name, location });
    await client.query(
      `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
       select id::uuid, isolation, 'main', database, schema, 'ready', migration
       from (values ($2, 'schema', null, $1), ($3, 'database', $1, 'tenant')) own(id, isolation, database, schema),
         (select migration from core.locations limit 1) shared`,
      [name, randomUUID(), location],
    );
  }
}

/** Nobody can be connected to what is copied. */
async function lock(cluster, databases) {
  const client = new pg.Client(cluster.superuserUrl('postgres'));
  await client.connect();
  for (const name of databases)
    await client.query(`alter database ${name} with allow_connections false is_template true`);
  await client.end();
}

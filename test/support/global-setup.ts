import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemplate, startCluster } from './cluster.mjs';

/** Once for the whole run: a PostgreSQL of the tests' own, and a migrated and seeded database that each file copies. */
export default async function globalSetup(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-test-'));
  const cluster = await startCluster(join(directory, 'postgres'));
  process.env['TEST_CLUSTER'] = JSON.stringify({ directory, port: cluster.port });
  await makeTemplate(cluster);
  Object.assign(globalThis, { stopTestCluster: () => cluster.stop() });
}

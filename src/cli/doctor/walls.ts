import { type DatabaseAt, type DatabaseUrls, inspectWalls, Servers } from '../../platform/database/index.js';
import { connected } from '../connected.js';
import { explain } from '../explain.js';
import { fault, type Finding, ok } from './finding.js';
import { ownPlaces } from './own-places.js';

/** Of the main database with all its schemas, and of each database of a tenant. */
export async function walls(urls: DatabaseUrls): Promise<Finding> {
  const servers = new Servers(urls);
  const faults = await faultsAt(servers, servers.main);
  for (const at of await connected(urls.platform, ownPlaces)) {
    const found = await faultsAt(servers, at).catch((error: unknown) => [explain(error).message]);
    faults.push(...found.map((each) => `${at.server}/${at.database}: ${each}`));
  }
  if (faults.length === 0)
    return ok('walls', 'the application’s login passes none, every table of tenants has its policies');
  return fault('walls', `${String(faults.length)} down`, ...faults);
}

const faultsAt = (servers: Servers, at: DatabaseAt): Promise<string[]> =>
  connected(servers.url('app', at), (client) => inspectWalls((sql) => client.query(sql)));

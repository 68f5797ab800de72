import { Servers } from '../../platform/database/index.js';
import { connected } from '../connected.js';
import { explain } from '../explain.js';
import { megabytes } from '../megabytes.js';
import type { Session } from '../session.js';

interface Carried {
  readonly server: string;
  readonly tenants: number;
  readonly databases: number;
}
interface Load {
  readonly version: string;
  readonly connections: number;
  readonly max_connections: number;
  readonly size_bytes: number;
}
const CARRIED = `select l.server, count(o.id)::int as tenants, count(distinct coalesce(l.database_name, current_database()))::int as databases
  from core.locations l left join core.organizations o on o.location_id = l.id and o.deleted_at is null group by l.server`;
const LOAD = `select current_setting('server_version') as version, count(*) filter (where backend_type = 'client backend')::int as connections,
    current_setting('max_connections')::int as max_connections,
    (select sum(pg_database_size(datname))::float8 from pg_database where has_database_privilege(datname, 'connect')) as size_bytes
  from pg_stat_activity`;

/** A server that is away is a fault, and told among the others. */
export async function run(session: Session) {
  const { urls } = await session.database();
  const known = new Servers(urls);
  const carried = await connected(urls.platform, async (client) => (await client.query<Carried>(CARRIED)).rows);
  const found = [];
  for (const server of new Set([...known.names(), ...carried.map((each) => each.server)])) {
    const { tenants = 0, databases = 0 } = carried.find((each) => each.server === server) ?? {};
    const load = await loadOf(known, server);
    found.push({ server, tenants, databases, ...load });
  }
  session.out.table(
    ['server', 'tenants', 'databases', 'size', 'connections', 'PostgreSQL'],
    found.map(({ server, tenants, databases, ...load }) => [
      server,
      tenants,
      databases,
      ...('fault' in load
        ? ['–', '–', load.fault]
        : [megabytes(load.size_bytes), `${String(load.connections)} of ${String(load.max_connections)}`, load.version]),
    ]),
  );
  return { ok: found.every((load) => !('fault' in load)), servers: found };
}

async function loadOf(known: Servers, server: string): Promise<Load | { fault: string }> {
  if (!known.has('platform', server)) return { fault: 'it is not among TENANT_SERVERS' };
  try {
    const url = known.url('platform', known.maintenance(server));
    const [load] = await connected(url, async (client) => (await client.query<Load>(LOAD)).rows);
    return load ?? { fault: 'it gave no answer' };
  } catch (error) {
    return { fault: explain(error).message };
  }
}

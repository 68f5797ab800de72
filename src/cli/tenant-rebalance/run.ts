import type pg from 'pg';
import { TenantLocationService } from '../../modules/tenants/index.js';
import { type DatabaseUrls, MAIN_SERVER, Servers } from '../../platform/database/index.js';
import { connected } from '../connected.js';
import { explain } from '../explain.js';
import { usage } from '../exit.js';
import { megabytes } from '../megabytes.js';
import type { Session } from '../session.js';
import { type PlacedTenant, type ProposedMove, rebalance } from './rebalance.js';

interface Tenant extends Omit<PlacedTenant, 'bytes'> {
  readonly isolation: 'shared' | 'schema' | 'database';
  readonly id: string;
  readonly database: string;
  readonly schema: string;
}
interface Load {
  readonly connections: number;
  /** Bytes by database. */
  readonly sizes: Readonly<Record<string, number>>;
}
interface Found {
  readonly server: string;
  readonly tenants: number;
  readonly load: Load | undefined;
  readonly fault?: string;
}

/** Who is at a place that can be moved from: whole, and by nobody already. */
const TENANTS = `select o.id, o.tenant_code as tenant, l.isolation, l.server, coalesce(l.database_name, current_database()) as database,
    l.schema_name as schema, exists (select from core.plans p where p.plan_code = o.license_tier and p.modules ? 'own_database') as "mayHaveDatabase"
  from core.organizations o join core.locations l on l.id = o.location_id
  where o.deleted_at is null and l.status = 'ready'
    and not exists (select from core.moves m where m.organization_id = o.id and m.finished_at is null)
  order by o.tenant_code_lower`;
const LOAD = `select (select count(*)::int from pg_stat_activity where datname = any ($1)) as connections,
  (select coalesce(json_object_agg(datname, pg_database_size(datname)), '{}') from pg_database
    where datname = any ($1) and has_database_privilege(datname, 'connect')) as sizes`;
const SCHEMAS = `select n.nspname as schema, sum(pg_total_relation_size(c.oid))::float8 as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any ($1) and c.relkind = 'r' group by 1`;

export async function run(session: Session, { plan = false }: { readonly plan?: boolean }) {
  if (!plan)
    throw usage('tenant:rebalance only plans: it moves nobody.', 'Give --plan, and run the commands that it prints.');
  const { urls } = await session.database();
  const servers = new Servers(urls);
  const tenants = await connected(urls.platform, async (client) => (await client.query<Tenant>(TENANTS)).rows);
  const found: Found[] = [];
  for (const server of new Set([...servers.names(), ...tenants.map((each) => each.server)]))
    found.push(await lookAt(servers, server, tenants));
  const placed =
    found.filter(({ load }) => load !== undefined).length > 1 ? await sized(session, urls, tenants, found) : [];
  const loads = found.map(({ server, load }) => ({ server, isAvailable: load !== undefined, bytes: bytesOf(load) }));
  const { moves, isBalanced } = rebalance(loads, placed);
  tell(session, found, moves, isBalanced);
  return {
    ok: true,
    balanced: isBalanced,
    servers: found.map(({ load, ...server }) => ({
      ...server,
      ...(load === undefined ? {} : { connections: load.connections, size_bytes: bytesOf(load) }),
    })),
    moves: moves.map((move) => ({
      ...{ tenant_code: move.tenant, isolation: move.isolation, from: move.server, to: move.to },
      ...{ size_bytes: move.bytes, reason: reasonOf(move), command: commandOf(move) },
    })),
  };
}

/** What a server carries of this installation: the databases of its locations. */
async function lookAt(servers: Servers, server: string, all: readonly Tenant[]): Promise<Found> {
  const here = all.filter((tenant) => tenant.server === server);
  const found = { server, tenants: here.length };
  if (!servers.has('platform', server)) return { ...found, load: undefined, fault: 'it is not among TENANT_SERVERS' };
  const databases = new Set(here.map(({ database }) => database));
  if (server === MAIN_SERVER) databases.add(servers.main.database);
  const ask = async (client: pg.Client) => (await client.query<Load>(LOAD, [[...databases]])).rows[0];
  try {
    return { ...found, load: await connected(servers.url('platform', servers.maintenance(server)), ask) };
  } catch (error) {
    return { ...found, load: undefined, fault: explain(error).message };
  }
}

/** Those who may be moved, with what they take: a database, a schema, or their part of the shared tables. */
async function sized(
  session: Session,
  { platform }: DatabaseUrls,
  tenants: readonly Tenant[],
  found: readonly Found[],
): Promise<PlacedTenant[]> {
  const may = tenants.filter(({ isolation, mayHaveDatabase }) => isolation === 'database' || mayHaveDatabase);
  const of = (isolation: string): Tenant[] => may.filter((tenant) => tenant.isolation === isolation);
  const schemas = await connected(platform, async (client) => {
    const { rows } = await client.query<{ schema: string; bytes: number }>(SCHEMAS, [
      of('schema').map((t) => t.schema),
    ]);
    return new Map(rows.map(({ schema, bytes }) => [schema, bytes]));
  });
  const shares = await sharesOf(session, of('shared'));
  return may.map(({ id, database, schema, ...tenant }) => {
    const { sizes = {} } = found.find(({ server }) => server === tenant.server)?.load ?? {};
    const bytes = { shared: shares.get(id), schema: schemas.get(schema), database: sizes[database] };
    return { ...tenant, bytes: bytes[tenant.isolation] ?? 0 };
  });
}

/** By their ids. Rows are counted from inside, each tenant's behind its fence. */
async function sharesOf(session: Session, tenants: readonly Tenant[]): Promise<Map<string, number>> {
  const shares = new Map<string, number>();
  if (tenants.length === 0) return shares;
  const locations = (await session.services()).get(TenantLocationService, { strict: false });
  for (const { id } of tenants) shares.set(id, (await locations.sizeOf(id, true)) ?? 0);
  return shares;
}

function tell({ out }: Session, found: readonly Found[], moves: readonly ProposedMove[], isBalanced: boolean): void {
  out.table(
    ['server', 'tenants', 'size', 'connections'],
    found.map(({ server, tenants, load, fault = '' }) => [
      ...[server, tenants],
      ...(load === undefined ? ['–', fault] : [megabytes(bytesOf(load)), String(load.connections)]),
    ]),
  );
  out.line();
  if (moves.length === 0)
    out.line(isBalanced ? 'Nothing to move.' : 'Nobody can be moved that would bring the servers closer together.');
  else {
    out.table(
      ['tenant', 'from', 'to', 'size', 'reason'],
      moves.map((move) => [
        ...[move.tenant, `${move.server} (${move.isolation})`, move.to, megabytes(move.bytes), reasonOf(move)],
      ]),
    );
    out.line();
    for (const move of moves) out.line(commandOf(move));
    if (!isBalanced) out.line('More than this nobody can be moved for; the servers stay apart.');
  }
}

const bytesOf = (load: Load | undefined): number =>
  Object.values(load?.sizes ?? {}).reduce((sum, bytes) => sum + bytes, 0);
const reasonOf = ({ server, to, fromBytes, toBytes }: ProposedMove): string =>
  `${server} carries ${megabytes(fromBytes)}, ${to} ${megabytes(toBytes)}`;
const commandOf = ({ tenant, to }: ProposedMove): string =>
  `tenantry tenant:move ${tenant} --to database --server ${to}`;

import { nameOfPlace, Servers } from '../../platform/database/index.js';
import { connected } from '../connected.js';
import type { Session } from '../session.js';

interface Options {
  readonly isolation?: string;
  readonly server?: string;
  readonly deleted?: boolean;
}
interface Row {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly status: string;
  readonly tier: string;
  readonly isolation: string | null;
  readonly server: string | null;
  readonly database: string;
  readonly schema: string | null;
  readonly location: string | null;
  readonly deleted: string | null;
  readonly until: string | null;
  readonly purging: boolean;
}
const UTC = (time: string): string => `to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const TENANTS = `select o.id, o.tenant_code as code, o.tenant_name as name, o.status, o.license_tier as tier, l.isolation, l.server,
    coalesce(l.database_name, current_database()) as database, l.schema_name as schema, l.status as location,
    ${UTC('o.deleted_at')} as deleted, ${UTC(`o.deleted_at + $4 * interval '1 millisecond'`)} as until, o.purge is not null as purging
  from core.organizations o left join core.locations l on l.id = o.location_id
  where ($1::text is null or l.isolation = $1) and ($2::text is null or l.server = $2) and ($3 or o.deleted_at is null)
  order by o.tenant_code_lower`;

/** Asked past the application: an operator looks here when it does not start, too. */
export async function run(session: Session, { isolation, server, deleted = false }: Options) {
  const { urls } = await session.database();
  const { main } = new Servers(urls);
  const rows = await connected(urls.platform, async (client) => {
    const { rows: found } = await client.query<Row>(TENANTS, [
      isolation ?? null,
      server ?? null,
      deleted,
      session.config().tenantGraceMs,
    ]);
    return found;
  });
  const tenants = rows.map((row) => ({
    id: row.id,
    tenant_code: row.code,
    tenant_name: row.name,
    status: statusOf(row),
    license_tier: row.tier,
    isolation: row.isolation,
    server: row.server,
    place: placeOf(row, main),
    location_status: row.location ?? 'provisioning',
    deleted_at: row.deleted,
    restorable_until: row.purging ? null : row.until,
  }));
  session.out.table(
    ['tenant', 'name', 'status', 'tier', 'isolation', 'place', 'location', ...(deleted ? ['restorable until'] : [])],
    tenants.map((tenant) => [
      ...[tenant.tenant_code, tenant.tenant_name, tenant.status, tenant.license_tier],
      ...[tenant.isolation ?? 'none', tenant.place ?? 'none', tenant.location_status],
      ...(deleted ? [tenant.restorable_until ?? ''] : []),
    ]),
  );
  return { ok: true, tenants };
}

function statusOf({ status, deleted, purging }: Row): string {
  if (purging) return 'purging';
  return deleted === null ? status : 'deleted';
}

function placeOf({ server, database, schema }: Row, main: Servers['main']): string | null {
  return server === null || schema === null ? null : nameOfPlace({ plane: 'tenant', server, database, schema }, main);
}

import { Injectable, Logger } from '@nestjs/common';
import { NotFound } from '../../common/problem.js';
import { problemOf } from '../../platform/http/index.js';
import { Pools } from '../../platform/database/index.js';
import { currentPlacement, currentScope, type Placement, Tenancy } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { TenantPlace } from './tenant.dto.js';
import type { TenantLocation } from './tenant-location.dto.js';

interface Table {
  readonly name: string;
  readonly size: number;
  /** As the planner knows it; -1: nobody has counted yet. */
  readonly estimated: number;
}
interface Facts {
  readonly connections: number;
  readonly tables: readonly Table[];
}
type Measured = Pick<TenantLocation, 'size_bytes' | 'rows' | 'connections'>;

/** Tables of a schema that hold rows of tenants, partitions added to their table. */
const FACTS = {
  name: 'location-facts',
  text: `select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
    (select json_agg(t) from (
      select c.relname as name, pg_total_relation_size(c.oid) + coalesce((select sum(pg_total_relation_size(i.inhrelid)) from pg_inherits i where i.inhparent = c.oid), 0) as size,
        greatest(c.reltuples, 0) + coalesce((select sum(greatest(p.reltuples, 0)) from pg_inherits i join pg_class p on p.oid = i.inhrelid where i.inhparent = c.oid), 0) as estimated
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
      where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition order by 1) t) as tables`,
};

/** What a tenant's location holds, counted from inside: past fence and policies, as the tenant itself would see it. */
@Injectable()
export class TenantLocationService {
  private readonly logger = new Logger(TenantLocationService.name);

  constructor(
    private readonly platform: PlatformUnit,
    private readonly pools: Pools,
    private readonly tenancy: Tenancy,
  ) {}

  /** Of the caller's own tenant, or of any for the platform's people. @throws NotFound */
  async get(organizationId: string): Promise<TenantLocation> {
    const { snapshot } = currentScope();
    if (snapshot?.platform !== true && snapshot?.organizationId !== organizationId) throw NotFound();
    const [row] = await this.platform.query<{ place: TenantPlace }>({
      text: 'select core.place(location_id) as place from core.organizations where id = $1 and deleted_at is null',
      values: [organizationId],
    });
    if (row === undefined) throw NotFound();
    const { isolation, server, status } = row.place;
    return { isolation, server, status, ...(await this.measured(organizationId, isolation === 'shared')) };
  }

  /** Bytes that its rows take, in shared tables by their number; null where its location cannot be asked. */
  async sizeOf(organizationId: string, isShared: boolean): Promise<number | null> {
    return (await this.measured(organizationId, isShared)).size_bytes;
  }

  private async measured(organizationId: string, isShared: boolean): Promise<Measured> {
    try {
      return await this.tenancy.run(organizationId, () => this.measure(currentPlacement(), isShared));
    } catch (error) {
      if (problemOf(error).status !== SERVICE_UNAVAILABLE) throw error;
      this.logger.warn({ err: error, message: `the location of ${organizationId} cannot be asked` });
      return { size_bytes: null, rows: null, connections: null };
    }
  }

  private async measure(placement: Placement, isShared: boolean): Promise<Measured> {
    const { rows: found } = await this.pools
      .get('platform', placement)
      .query<Facts>({ ...FACTS, values: [placement.schema] });
    const { connections, tables } = found[0] ?? { connections: 0, tables: [] };
    const counted = await this.tenancy.read<{ name: string; rows: number }>({
      text: tables
        .map(({ name }) => `select '${name}' as name, count(*)::int as rows from "${name}" where organization_id = $1`)
        .join(' union all '),
      values: [placement.organizationId],
    });
    const rows = new Map(counted.map(({ name, rows: own }) => [name, own]));
    const sizes = tables.map(({ name, size, estimated }) => {
      const own = rows.get(name) ?? 0;
      // alone in its tables it has all of them; beside others its part of the rows
      return isShared ? size * (own / Math.max(estimated, own, 1)) : size;
    });
    return { size_bytes: Math.round(sum(sizes)), rows: sum([...rows.values()]), connections };
  }
}

const SERVICE_UNAVAILABLE = 503;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { NotFound } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import {
  emptyScope,
  findScope,
  IS_HALF_MADE,
  type PurgeReport,
  runInScope,
  TenantPurges,
} from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { TenantsService } from '../tenants/index.js';

/** How far the end of a tenant is. `half_made`: nobody was ever in it. */
export interface Deletion {
  readonly state: 'in_use' | 'half_made' | 'deleted' | 'purging';
  readonly deletedAt: string | null;
  /** Until then it can be restored. */
  readonly graceUntil: string | null;
}

/** Milliseconds after which every node has heard that a tenant is deleted, and what was under way has ended. */
const SETTLED_MS = 2_000;

/** Tenants that are deleted and purged by hand. */
@Injectable()
export class TenantDeletions {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly tenants: TenantsService,
    private readonly purges: TenantPurges,
    @Inject(CONFIG) private readonly config: Pick<Config, 'tenantGraceMs'>,
  ) {}

  /** @throws NotFound */
  async get(id: string): Promise<Deletion> {
    const [deletion] = await this.platform.query<Deletion>({
      text: `select case when o.purge is not null then 'purging' when ${IS_HALF_MADE} then 'half_made' when o.deleted_at is null then 'in_use' else 'deleted' end as state,
          ${UTC('o.deleted_at')} as "deletedAt", ${UTC(`o.deleted_at + $2 * interval '1 millisecond'`)} as "graceUntil"
        from core.organizations o left join core.locations l on l.id = o.location_id where o.id = $1`,
      values: [id, this.config.tenantGraceMs],
    });
    if (deletion === undefined) throw NotFound();
    return deletion;
  }

  /** Softly; where it is so already, nothing is changed. @throws NotFound */
  async delete(id: string): Promise<Deletion> {
    const { state } = await this.get(id);
    if (state === 'in_use') await runInScope(findScope() ?? emptyScope(), () => this.tenants.deleteById(id));
    return this.get(id);
  }

  /** What nobody was ever in goes at once. @throws as `TenantPurges.run` does */
  undo(id: string): Promise<PurgeReport> {
    return this.purges.run(id, { kind: 'half_made' });
  }

  /** For good, before its time of grace is over. @throws as `TenantPurges.run` does */
  async purge(id: string): Promise<PurgeReport> {
    this.purges.assertMover();
    const { state } = await this.delete(id);
    if (state === 'half_made') return this.undo(id);
    await sleep(await this.unsettledMs(id));
    return this.purges.run(id, { kind: 'deleted', graceMs: SETTLED_MS });
  }

  private async unsettledMs(id: string): Promise<number> {
    const [row] = await this.platform.query<{ ms: number }>({
      text: `select greatest(0, ceil(extract(epoch from o.deleted_at - now()) * 1000 + $2))::integer as ms from core.organizations o where o.id = $1`,
      values: [id, SETTLED_MS],
    });
    return row?.ms ?? 0;
  }
}

const UTC = (time: string): string => `to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { etagOf } from '../../platform/http/index.js';
import { type Answer, Idempotency, type IdempotencyKey, type Ledger } from '../../platform/resources/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { TenantRow } from './tenant.dto.js';
import { TenantPlaces } from './tenant-places.js';
import { type NewTenant, TenantRecords } from './tenant-records.js';
import { TenantsService } from './tenants.service.js';

/** Milliseconds for which a request waits for the location. */
const PATIENCE_MS = 1_000;
/** Half-made tenants that are finished at one time. */
const AT_ONCE = 50;

/**
 * Makes tenants. Core and the location are two transactions: between them the tenant has no location, so that nobody gets
 * in, and whatever ends the process there, `resume` goes on from it.
 */
@Injectable()
export class Provisioning implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Provisioning.name);
  private readonly ledger: Ledger;
  private readonly underWay = new Set<Promise<boolean>>();

  constructor(
    private readonly platform: PlatformUnit,
    private readonly records: TenantRecords,
    private readonly places: TenantPlaces,
    private readonly tenants: TenantsService,
    private readonly idempotency: Idempotency,
  ) {
    this.ledger = { unit: platform, schema: 'core.' };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /**
   * 201 with the tenant; 202 while its location is still being made, or could not be reached and will be finished later. The
   * key is taken with what core has of the tenant: whoever repeats the request after a crash is told of the one that he made.
   */
  async create(
    id: string,
    tenant: NewTenant,
    path: string,
    key: IdempotencyKey | undefined,
  ): Promise<Answer<TenantRow>> {
    const begun = await this.idempotency.run(this.ledger, key, async () => {
      await this.records.make(id, tenant);
      return this.answer(id, 202, path);
    });
    if (begun.replayed === true || !(await this.inTime(id))) return begun;
    const answer = await this.answer(id, 201, path);
    await this.idempotency.keep(this.ledger, key, answer);
    return answer;
  }

  /** One that nobody asked for by a request. @returns whether it is finished */
  async make(id: string, tenant: NewTenant): Promise<boolean> {
    await this.records.make(id, tenant);
    return this.finish(id);
  }

  /** Finishes what was begun and left. @param minutes since when; what is younger may be under way @returns how many */
  async resume(minutes: number): Promise<number> {
    let finished = 0;
    for (const { id } of await this.unfinished(minutes)) if (await this.finish(id)) finished++;
    return finished;
  }

  /** Those that are half-made, the least recently tried first: what cannot be finished keeps nobody else from it. */
  unfinished(minutes: number, most = AT_ONCE): Promise<{ readonly id: string; readonly code: string }[]> {
    return this.platform.query({
      text: `select o.id, o.tenant_code as code from core.organizations o left join core.locations l on l.id = o.location_id
        where (l.id is null or l.status = 'provisioning') and o.deleted_at is null
          and o.created_at <= now() - make_interval(mins => $1) order by coalesce((select max(s.updated_at) from core.location_steps s where s.location_id = l.id), o.created_at) limit $2`,
      values: [minutes, most],
    });
  }

  /** Whether it is finished within a second; else it goes on behind the answer. */
  private async inTime(id: string): Promise<boolean> {
    const settled = this.finish(id).finally(() => this.underWay.delete(settled));
    this.underWay.add(settled);
    const patience = new AbortController();
    const late = sleep(PATIENCE_MS, false, { signal: patience.signal }).catch(() => false);
    const isFinished = await Promise.race([settled, late]);
    patience.abort();
    return isFinished;
  }

  /** Whether its place is made; what core has of a tenant it keeps, whatever becomes of that. */
  async finish(id: string): Promise<boolean> {
    try {
      await this.places.settle(id);
      return true;
    } catch (error) {
      this.logger.warn({ err: error, message: `tenant ${id} is not finished yet` });
      return false;
    }
  }

  private async answer(id: string, status: number, path: string): Promise<Answer<TenantRow>> {
    const body = await this.tenants.getById(id);
    return { status, body, etag: etagOf(body.version), location: `${path}/${id}` };
  }
}

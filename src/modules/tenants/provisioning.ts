import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { etagOf } from '../../platform/http/index.js';
import { type Answer, Idempotency, type IdempotencyKey, type Ledger } from '../../platform/resources/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { TenantRow } from './tenant.dto.js';
import { TenantPlaces } from './tenant-places.js';
import { type NewTenant, TenantRecords } from './tenant-records.js';
import { TenantsService } from './tenants.service.js';

/** Half-made tenants that are finished at one time. */
const AT_ONCE = 50;

/**
 * Makes tenants. Core and the location are two transactions: between them the tenant has no location, so that nobody gets
 * in, and whatever ends the process there, `resume` goes on from it.
 */
@Injectable()
export class Provisioning {
  private readonly logger = new Logger(Provisioning.name);
  private readonly ledger: Ledger;

  constructor(
    private readonly platform: PlatformUnit,
    private readonly records: TenantRecords,
    private readonly places: TenantPlaces,
    private readonly tenants: TenantsService,
    private readonly idempotency: Idempotency,
  ) {
    this.ledger = { unit: platform, schema: 'core.' };
  }

  /**
   * 201 with the tenant; 202 while its location could not be reached, and it will be finished later. The key is taken with
   * what core has of the tenant: whoever repeats the request after a crash is told of the one that he made.
   */
  async create(tenant: NewTenant, path: string, key: IdempotencyKey | undefined): Promise<Answer<TenantRow>> {
    const id = newId();
    const begun = await this.idempotency.run(this.ledger, key, async () => {
      await this.records.make(id, tenant);
      return this.answer(id, 202, path);
    });
    if (begun.replayed === true || !(await this.settled(id))) return begun;
    const answer = await this.answer(id, 201, path);
    await this.idempotency.keep(this.ledger, key, answer);
    return answer;
  }

  /** One that nobody asked for by a request. */
  async make(tenant: NewTenant): Promise<void> {
    const id = newId();
    await this.records.make(id, tenant);
    await this.settled(id);
  }

  /** Finishes what was begun and left. @param minutes since when; what is younger may be under way @returns how many */
  async resume(minutes: number): Promise<number> {
    const left = await this.platform.query<{ id: string }>({
      text: `select id from core.organizations where location_id is null and deleted_at is null
        and created_at <= now() - make_interval(mins => $1) order by created_at limit ${String(AT_ONCE)}`,
      values: [minutes],
    });
    let finished = 0;
    for (const { id } of left) if (await this.settled(id)) finished++;
    return finished;
  }

  /** What core has of a tenant it keeps, whatever becomes of its place. */
  private async settled(id: string): Promise<boolean> {
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

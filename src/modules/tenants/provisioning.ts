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

  /** 201 with the tenant; 202 while its location could not be reached, and it will be finished later. */
  create(tenant: NewTenant, path: string, key?: IdempotencyKey): Promise<Answer<TenantRow>> {
    const id = newId();
    const make = async (): Promise<Answer<TenantRow>> => {
      await this.records.make(id, tenant);
      return this.finished(id, `${path}/${id}`, key);
    };
    return key === undefined ? make() : this.idempotency.attempt(this.ledger, key, make);
  }

  /** Finishes what was begun and left. @param minutes since when; what is younger may be under way */
  async resume(minutes: number): Promise<number> {
    const left = await this.platform.query<{ id: string }>({
      text: `select id from core.organizations where location_id is null and deleted_at is null
        and created_at < now() - make_interval(mins => $1) order by created_at limit ${String(AT_ONCE)}`,
      values: [minutes],
    });
    for (const { id } of left) await this.places.settle(id);
    return left.length;
  }

  private async finished(id: string, location: string, key: IdempotencyKey | undefined): Promise<Answer<TenantRow>> {
    try {
      return await this.idempotency.run(this.ledger, key, async () => {
        await this.places.settle(id);
        return this.answer(id, 201, location);
      });
    } catch (error) {
      // what core has it keeps
      this.logger.warn({ err: error, message: `tenant ${id} is not finished yet` });
      return this.answer(id, 202, location);
    }
  }

  private async answer(id: string, status: number, location: string): Promise<Answer<TenantRow>> {
    const body = await this.tenants.getById(id);
    return { status, body, etag: etagOf(body.version), location };
  }
}

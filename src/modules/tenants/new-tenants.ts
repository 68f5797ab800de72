import { Inject, Injectable } from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { PermissionDenied } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { type Answer, type IdempotencyKey, postedInput } from '../../platform/resources/index.js';
import { Placing } from './placing.js';
import { Provisioning } from './provisioning.js';
import { CreateTenant, type TenantRow } from './tenant.dto.js';
import { TenantsService } from './tenants.service.js';

/** What is asked for a new tenant, judged before anything is made. */
@Injectable()
export class NewTenants {
  constructor(
    private readonly provisioning: Provisioning,
    private readonly placing: Placing,
    private readonly tenants: TenantsService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'multiTenancy'>,
  ) {}

  /** @throws PermissionDenied where one tenant alone is served; ValidationFailed; NotEntitled; Conflict for what is taken */
  async create(body: unknown, path: string, key: IdempotencyKey | undefined): Promise<Answer<TenantRow>> {
    if (!this.config.multiTenancy) throw PermissionDenied({ detail: 'One tenant alone is served here.' });
    const input = postedInput(CreateTenant, body);
    const { isolation, server, license_tier = 'free', ...tenant } = input;
    this.tenants.assertDomain(tenant.domain);
    const id = newId();
    const place = await this.placing.placeOf({ isolation, server }, license_tier, { code: tenant.tenant_code, id });
    return this.provisioning.create(id, { ...tenant, license_tier, place }, path, key);
  }
}

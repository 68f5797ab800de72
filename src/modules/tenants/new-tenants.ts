import { Inject, Injectable } from '@nestjs/common';
import { invalid, PermissionDenied } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { type Answer, type IdempotencyKey, postedInput } from '../../platform/resources/index.js';
import { Provisioning } from './provisioning.js';
import { CreateTenant, type TenantRow } from './tenant.dto.js';
import { TenantsService } from './tenants.service.js';

/** What is asked for a new tenant, judged before anything is made. */
@Injectable()
export class NewTenants {
  constructor(
    private readonly provisioning: Provisioning,
    private readonly tenants: TenantsService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'multiTenancy'>,
  ) {}

  /** @throws PermissionDenied where one tenant alone is served; ValidationFailed; Conflict for what is taken */
  async create(body: unknown, path: string, key: IdempotencyKey | undefined): Promise<Answer<TenantRow>> {
    if (!this.config.multiTenancy) throw PermissionDenied({ detail: 'One tenant alone is served here.' });
    const input = postedInput(CreateTenant, body);
    const { isolation = 'shared', server = 'main', license_tier = 'free', ...tenant } = input;
    if (isolation !== 'shared')
      throw invalid('isolation', 'not_available', 'tenants stand in the shared tables: shared is all there is');
    if (server !== 'main') throw invalid('server', 'not_found', 'the shared tables are on the server main');
    this.tenants.assertDomain(tenant.domain);
    return this.provisioning.create({ ...tenant, license_tier }, path, key);
  }
}

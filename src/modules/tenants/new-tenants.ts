import { Inject, Injectable } from '@nestjs/common';
import { invalid, PermissionDenied } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { type Answer, checkCreate, type IdempotencyKey, inputOf } from '../../platform/resources/index.js';
import { Provisioning } from './provisioning.js';
import type { CreateTenant, TenantRow } from './tenant.dto.js';
import { Tenants } from './tenants.js';
import { TenantsService } from './tenants.service.js';

const DEFAULT_TIER = 'free';

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
    const {
      isolation = 'shared',
      server = 'main',
      ...input
    } = inputOf(checkCreate(Tenants, body)) as unknown as CreateTenant;
    if (isolation !== 'shared')
      throw invalid('isolation', 'not_available', 'tenants stand in the shared tables: shared is all there is');
    if (server !== 'main') throw invalid('server', 'not_found', 'the shared tables are on the server main');
    this.tenants.assertDomain(input.domain);
    return this.provisioning.create({ ...input, license_tier: input.license_tier ?? DEFAULT_TIER }, path, key);
  }
}

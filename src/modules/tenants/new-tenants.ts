import { Inject, Injectable } from '@nestjs/common';
import { newId, ZERO_ID } from '../../common/ids.js';
import { invalid, PermissionDenied } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { type Answer, type IdempotencyKey, postedInput } from '../../platform/resources/index.js';
import { validateBody } from '../../platform/http/index.js';
import { Placing } from './placing.js';
import { Provisioning } from './provisioning.js';
import { CreateTenant, type TenantRow } from './tenant.dto.js';
import type { NewTenant } from './tenant-records.js';
import { TenantsService } from './tenants.service.js';

interface Chosen {
  readonly id?: string | undefined;
  readonly schemaName?: string | undefined;
}

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
    const id = newId();
    const tenant = await this.judged(id, postedInput(CreateTenant, body));
    return this.provisioning.create(id, tenant, path, key);
  }

  /** At the command line, which may also choose the id and the schema's name. @throws as `create` does */
  async make(body: object, { id = newId(), schemaName }: Chosen): Promise<{ id: string; isFinished: boolean }> {
    if (id === ZERO_ID) throw invalid('id', 'is_reserved', 'must not be that of the platform itself');
    const tenant = await this.judged(id, validateBody(CreateTenant, body), schemaName);
    await this.tenants.assertNeverPurged(id);
    return { id, isFinished: await this.provisioning.make(id, tenant) };
  }

  private async judged(id: string, input: CreateTenant, schemaName?: string): Promise<NewTenant> {
    if (!this.config.multiTenancy) throw PermissionDenied({ detail: 'One tenant alone is served here.' });
    const { isolation, server, license_tier = 'free', ...tenant } = input;
    this.tenants.assertDomain(tenant.domain);
    const named = { code: tenant.tenant_code, id };
    return {
      ...tenant,
      license_tier,
      place: await this.placing.placeOf({ isolation, server, schemaName }, license_tier, named),
    };
  }
}

import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { isUuid } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';
import { TenantDirectory, type HostName } from '../../platform/access/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';

const FIND = {
  name: 'access-tenant',
  text: `select o.id from core.organizations o
    where o.deleted_at is null and (o.tenant_code_lower = lower($1) or o.id = $2) order by o.id = $2 desc limit 1`,
};

const BY_SUBDOMAIN = {
  name: 'access-tenant-subdomain',
  text: `select o.id from core.organizations o where o.deleted_at is null and o.subdomain_lower = $1`,
};
const BY_DOMAIN = {
  name: 'access-tenant-domain',
  text: `select o.id from core.organizations o
    where o.deleted_at is null and o.domain_verified_at is not null and o.domain_lower = $1`,
};

/** Tenants by code, id or host, from core's tables. */
@Injectable()
export class CoreTenants extends TenantDirectory implements OnModuleInit {
  private readonly logger = new Logger(CoreTenants.name);
  private onlyOne: string | undefined;
  private looking = false;

  constructor(
    private readonly platform: PlatformUnit,
    @Inject(CONFIG) private readonly config: Pick<Config, 'multiTenancy' | 'defaultTenant'>,
  ) {
    super();
  }

  /** The default tenant is made at the first start, perhaps after this: it is looked for until it is there. */
  get only(): string | undefined {
    if (this.onlyOne === undefined && !this.config.multiTenancy && !this.looking) void this.onModuleInit();
    return this.onlyOne;
  }

  async onModuleInit(): Promise<void> {
    if (this.config.multiTenancy) return;
    this.looking = true;
    try {
      this.onlyOne = await this.find(this.config.defaultTenant);
    } catch (error) {
      this.logger.warn({ err: error, message: 'the default tenant could not be looked up' });
    } finally {
      this.looking = false;
    }
  }

  async find(codeOrId: string): Promise<string | undefined> {
    const id = isUuid(codeOrId) ? codeOrId : null;
    const [row] = await this.platform.query<{ id: string }>({ ...FIND, values: [codeOrId, id] });
    return row?.id;
  }

  async findByHost(host: HostName): Promise<string | undefined> {
    const statement =
      host.kind === 'subdomain'
        ? { ...BY_SUBDOMAIN, values: [host.subdomain] }
        : { ...BY_DOMAIN, values: [host.domain] };
    const [row] = await this.platform.query<{ id: string }>(statement);
    return row?.id;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Conflict, invalid, NotFound, PermissionDenied, Stale } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { SUPER_ADMIN } from '../../platform/access/index.js';
import {
  type Input,
  narrowed,
  type Resource,
  ResourceReader,
  ResourceWriter,
  type UseCases,
  type Versions,
} from '../../platform/resources/index.js';
import { CoreUnit, currentScope, type Unit } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { Subscriptions } from '../subscriptions/index.js';
import { isDomain, TENANT_CODE } from './names.js';
import type { TenantRow } from './tenant.dto.js';
import { Tenants } from './tenants.js';

type TenantResource = Resource<TenantRow>;

/** Tenants as rows: a tenant's people reach their own through the walls, the platform's people all of them. */
@Injectable()
export class TenantsService implements UseCases<TenantRow> {
  constructor(
    private readonly core: CoreUnit,
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
    private readonly writer: ResourceWriter,
    private readonly subscriptions: Subscriptions,
    @Inject(CONFIG) private readonly config: Pick<Config, 'baseDomain' | 'environment'>,
  ) {}

  reachable(resource: TenantResource = Tenants): TenantResource {
    return isPlatforms() ? narrowed(resource, { unit: this.platform }) : resource;
  }

  /** @throws NotFound */
  getById(id: string): Promise<TenantRow> {
    return this.reader.get(this.reachable(), id);
  }

  /** Without regard to case. @throws NotFound */
  async idByCode(code: string): Promise<string> {
    if (!TENANT_CODE.test(code)) throw NotFound();
    const ofCode = narrowed(this.reachable(), {
      where: (sql, row) => `${row}"tenant_code_lower" = lower(${sql.typed(code, 'text')})`,
    });
    const [found] = (await this.reader.list(ofCode, 'limit=1')).items;
    if (found === undefined) throw NotFound();
    return found.id;
  }

  /** @throws ValidationFailed at `domain` for what is no host, or is the product's own */
  assertDomain(domain: unknown): void {
    if (typeof domain !== 'string') return;
    const host = domain.toLowerCase();
    if (host === 'localhost' && this.config.environment !== 'production') return;
    const own = this.config.baseDomain?.toLowerCase();
    if (!isDomain(host)) throw invalid('domain', 'is_domain', 'must be a host name like siteA.com');
    if (own !== undefined && (host === own || host.endsWith(`.${own}`)))
      throw invalid('domain', 'reserved', `must not be of ${own}: that is what subdomain is for`);
  }

  async update(resource: TenantResource, id: string, input: Input, versions: Versions): Promise<TenantRow> {
    const { license_tier: tier, tenant_code: code, domain } = input;
    if ((tier !== undefined || code !== undefined) && !isPlatforms()) throw PermissionDenied({ required: SUPER_ADMIN });
    this.assertDomain(domain);
    const row = await this.locked(resource, id);
    // what was proved of the one host is not proved of another
    const change = domain === undefined || isSame(row.domain, domain) ? input : { ...input, domain_verified_at: null };
    const changed = await this.writer.update(resource, id, change, versions);
    if (typeof tier === 'string') await this.subscriptions.give(this.platform, id, tier);
    return changed;
  }

  /** @throws ValidationFailed for the id of one that was purged: whatever a restored backup has of that is purged again */
  async assertNeverPurged(id: string): Promise<void> {
    const found = await this.platform.query({ text: 'select from core.tombstones where id = $1', values: [id] });
    if (found.length > 0) throw invalid('id', 'taken', 'was that of a tenant which is purged');
  }

  /** As the route does, by whoever runs the platform. @throws NotFound where it is deleted already */
  deleteById(id: string): Promise<TenantRow> {
    return this.writer.delete(narrowed(Tenants, { unit: this.platform }), id, undefined);
  }

  /** Everything of a tenant goes with it: that takes more than a request. */
  hardDelete(): Promise<never> {
    throw invalid('hard', 'not_here', 'is not for tenants: they are purged at the command line');
  }

  suspend(id: string, versions: Versions): Promise<TenantRow> {
    return this.enter(id, 'suspended', versions);
  }
  activate(id: string, versions: Versions): Promise<TenantRow> {
    return this.enter(id, 'active', versions);
  }

  /** @throws NotFound; Conflict when it has another domain by now, or another tenant has proved this one */
  setVerified(id: string, domain: string): Promise<TenantRow> {
    const resource = this.reachable();
    return this.unitOf(resource).transaction(async () => {
      const row = await this.locked(resource, id);
      if (!isSame(row.domain, domain)) throw Conflict({ detail: 'The tenant has another domain by now.' });
      if (row.domain_verified_at !== null) return row;
      return this.writer.update(resource, id, { domain_verified_at: new Date().toISOString() }, undefined);
    });
  }

  /** Where it is so already, nothing is changed. @throws NotFound, Stale */
  private enter(id: string, status: TenantRow['status'], versions: Versions): Promise<TenantRow> {
    const resource = this.reachable();
    return this.unitOf(resource).transaction(async () => {
      const row = await this.locked(resource, id);
      if (versions?.includes(row.version) === false) throw Stale();
      return row.status === status ? row : this.writer.update(resource, id, { status }, undefined);
    });
  }

  /** As nobody else changes it until the unit has ended. @throws NotFound */
  private async locked(resource: TenantResource, id: string): Promise<TenantRow> {
    await this.unitOf(resource).write({
      text: 'select from core.organizations where id = $1 for no key update',
      values: [id],
    });
    return this.reader.get(resource, id, 'update');
  }

  private unitOf({ unit }: TenantResource): Unit {
    return unit ?? this.core;
  }
}

/** Hosts are compared without case. */
const isSame = (domain: string | null, other: unknown): boolean =>
  typeof other === 'string' ? domain?.toLowerCase() === other.toLowerCase() : domain === other;
export const isPlatforms = (): boolean => currentScope().snapshot?.platform === true;

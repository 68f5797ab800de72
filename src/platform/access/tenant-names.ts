import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Freshness, type Stamp } from './freshness.js';

/** Who knows tenants by their names. The feature that keeps tenants implements it. */
export abstract class TenantDirectory {
  /** The one organization that is served while `ENABLE_MULTI_TENANCY` is false; undefined otherwise. */
  abstract readonly only: string | undefined;

  /** The id of the living organization of this code (without regard to case) or id; undefined when there is none. */
  abstract find(codeOrId: string): Promise<string | undefined>;
}

interface Known {
  readonly organizationId: string;
  readonly stamp: Stamp;
  readonly period: number;
}

/** As many names as are remembered, of any tenants. */
const MAX_NAMES = 10_000;

/** What platform users call tenants by in `X-Tenant`, remembered until that tenant changes. */
@Injectable()
export class TenantNames {
  private readonly known = new LRUCache<string, Known>({ max: MAX_NAMES });

  constructor(
    private readonly directory: TenantDirectory,
    private readonly freshness: Freshness,
  ) {}

  get only(): string | undefined {
    return this.directory.only;
  }

  /** From memory, or undefined: then `find`. */
  peek(name: string): string | undefined {
    const known = this.known.get(name);
    if (known === undefined || !this.freshness.trusted) return undefined;
    return known.stamp.fresh && known.period === this.freshness.period ? known.organizationId : undefined;
  }

  /** From the directory; undefined for a tenant that is not, which is asked again each time. */
  async find(name: string): Promise<string | undefined> {
    const { period, drops } = this.freshness;
    const organizationId = await this.directory.find(name);
    // whose stamp to take is known only now, so any change meanwhile may have been this tenant's
    if (organizationId !== undefined && this.freshness.trusted && drops === this.freshness.drops)
      this.known.set(name, { organizationId, stamp: this.freshness.stampOf(organizationId), period });
    return organizationId;
  }
}

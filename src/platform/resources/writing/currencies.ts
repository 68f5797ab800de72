import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Freshness, type Stamp } from '../../access/index.js';
import { CoreUnit, currentPlacement } from '../../tenancy/index.js';

const DEFAULT_CURRENCY = 'USD';
const CURRENCY = /^[A-Z]{3}$/;
const MAX_TENANTS = 10_000;

interface Known {
  readonly currency: string;
  readonly stamp: Stamp;
  readonly period: number;
}

/** The currency of a tenant's new records that name none: `settings.currency`, else USD (data-model.md). */
@Injectable()
export class Currencies {
  private readonly known = new LRUCache<string, Known>({ max: MAX_TENANTS });

  constructor(
    private readonly core: CoreUnit,
    private readonly freshness: Freshness,
  ) {}

  /** Of the scope's tenant: remembered until something of that tenant changes. */
  current(): string | Promise<string> {
    const { organizationId } = currentPlacement();
    const known = this.known.get(organizationId);
    const { trusted, period } = this.freshness;
    const isGood = known !== undefined && trusted && known.stamp.fresh && known.period === period;
    return isGood ? known.currency : this.read(organizationId);
  }

  private async read(organizationId: string): Promise<string> {
    const { period } = this.freshness;
    const stamp = this.freshness.stampOf(organizationId);
    const [row] = await this.core.query<{ currency: string | null }>({
      name: 'tenant_currency',
      text: `select settings ->> 'currency' as currency from core.organizations where id = $1`,
      values: [organizationId],
    });
    const currency = CURRENCY.test(row?.currency ?? '') ? (row?.currency ?? DEFAULT_CURRENCY) : DEFAULT_CURRENCY;
    if (this.freshness.trusted && stamp.fresh) this.known.set(organizationId, { currency, stamp, period });
    return currency;
  }
}

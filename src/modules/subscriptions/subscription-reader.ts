import { Injectable } from '@nestjs/common';
import { NotFound } from '../../common/problem.js';
import { defineResource, narrowed, ResourceReader } from '../../platform/resources/index.js';
import { currentScope } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { SubscriptionRow } from './subscription.dto.js';
import { Subscription } from './subscription.entity.js';

const Rows = defineResource({
  access: 'subscription',
  path: 'subscriptions',
  entity: Subscription,
  row: SubscriptionRow,
  options: { tenant: 'optional' },
});

@Injectable()
export class SubscriptionReader {
  constructor(
    private readonly reader: ResourceReader,
    private readonly platform: PlatformUnit,
  ) {}

  /** The living one of an organization: the caller's own, or any for the platform's people. @throws NotFound */
  async get(organizationId: string): Promise<SubscriptionRow> {
    const ofOrganization = narrowed(Rows, {
      ...(currentScope().snapshot?.platform === true ? { unit: this.platform, holding: 'global' as const } : {}),
      where: (sql, row) => `${row}"organization_id" = ${sql.typed(organizationId, 'uuid')}`,
    });
    const [subscription] = (await this.reader.list(ofOrganization, 'limit=1')).items;
    if (subscription === undefined) throw NotFound();
    return subscription;
  }
}

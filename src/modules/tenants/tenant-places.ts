import { Inject, Injectable } from '@nestjs/common';
import { ref } from '@mikro-orm/postgresql';
import { Unavailable } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { Pools } from '../../platform/database/index.js';
import { Location, Organization, Tenancy } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { BoardDefaults } from '../boards/index.js';
import { type OwnLocation, OwnLocations } from './own-locations.js';

/** Gives tenants the place where their rows are. */
@Injectable()
export class TenantPlaces {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly tenancy: Tenancy,
    private readonly pools: Pools,
    private readonly boards: BoardDefaults,
    private readonly own: OwnLocations,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sharedSchema'>,
  ) {}

  /** What stands at the location, then the location itself: from here on the tenant is served. Can be repeated. */
  async settle(id: string): Promise<void> {
    const own = await this.ownLocationOf(id);
    await (own === undefined ? this.settleShared(id) : this.own.finish(own));
  }

  /** A location of its own, and nothing in it: what it holds comes from elsewhere. */
  async settleBare(id: string): Promise<void> {
    const own = await this.ownLocationOf(id);
    if (own !== undefined) await this.own.finish(own, { bare: true });
  }

  private async ownLocationOf(organizationId: string): Promise<OwnLocation | undefined> {
    const [own] = await this.platform.query<OwnLocation>({
      text: `select l.id, l.isolation, l.server, l.database_name as "databaseName", l.schema_name as "schemaName",
          o.id as "organizationId", o.epoch
        from core.organizations o join core.locations l on l.id = o.location_id where o.id = $1 and l.isolation <> 'shared'`,
      values: [organizationId],
    });
    return own;
  }

  private async settleShared(id: string): Promise<void> {
    const { sharedSchema: schema } = this.config;
    const placement = { organizationId: id, epoch: 1, ...this.pools.main, schema };
    await this.tenancy.runAt(placement, () => this.boards.make());
    await this.platform.transaction(async ({ em }) => {
      const location = await em.findOne(Location, {
        isolation: 'shared',
        server: 'main',
        databaseName: null,
        schemaName: schema,
        status: 'ready',
      });
      if (location === null) throw Unavailable();
      const organization = await em.findOneOrFail(Organization, id);
      organization.location ??= ref(location);
      await em.flush();
    });
  }
}

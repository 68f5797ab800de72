import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { MovePlaces } from '../../moves/index.js';
import { type OwnPlace, OwnLocations } from '../../tenants/index.js';
import { ArchiveRefused } from '../format/archive-format.js';
import type { RestorePlan } from './restore-checks.js';

type OwnLocation = OwnPlace & { readonly id: string };

/** What stands of a tenant before its rows come: deleted, so that nobody gets in, nor finishes it as a new one. */
@Injectable()
export class RestorePlaces {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly places: MovePlaces,
    private readonly own: OwnLocations,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sharedSchema'>,
  ) {}

  /** Core has it from here on, as deleted. Who was a tenant before is not marked: as half-made it could be taken for one that nobody misses. */
  async mark({ organizationId, code, name, isThere }: RestorePlan): Promise<void> {
    const found = await this.platform.query(
      isThere
        ? {
            text: 'select id from core.organizations where id = $1 and deleted_at is not null',
            values: [organizationId],
          }
        : {
            text: `insert into core.organizations (id, tenant_code, tenant_name, status, settings, deleted_at)
              values ($1, $2, $3, 'inactive', '{"restoring": true}', now()) on conflict do nothing returning id`,
            values: [organizationId, code, name],
          },
    );
    if (found.length === 0) throw new ArchiveRefused(`The tenant ${code} has come to be there meanwhile.`);
  }

  /** Can be repeated. @throws Unavailable where this process may make nothing on that server */
  async make(plan: RestorePlan): Promise<void> {
    const { organizationId, locationId, place } = plan;
    await this.mark(plan);
    const id = locationId ?? (await this.places.locationOf(place, organizationId, this.config.sharedSchema));
    const [own] = await this.platform.query<OwnLocation>({
      text: `select id, isolation, server, database_name as "databaseName", schema_name as "schemaName"
        from core.locations where id = $1 and isolation <> 'shared'`,
      values: [id],
    });
    if (own !== undefined) await this.own.makeReady(own);
    await this.platform.query({
      text: 'update core.organizations set location_id = $2 where id = $1 and location_id is null',
      values: [organizationId, id],
    });
  }
}

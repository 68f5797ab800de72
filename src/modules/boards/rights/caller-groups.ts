import { Injectable } from '@nestjs/common';
import { CoreUnit, currentPlacement } from '../../../platform/tenancy/index.js';
import { UserGroupsService } from '../../groups/index.js';

/** What boards ask of core about groups: a board names them by id alone. */
@Injectable()
export class CallerGroups {
  constructor(
    private readonly groups: UserGroupsService,
    private readonly core: CoreUnit,
  ) {}

  /** Ids of the living groups of the tenant that a person is in, the computed one of all members included. */
  async of(userId: string): Promise<ReadonlySet<string>> {
    return new Set(await this.groups.groupIdsOf(userId));
  }

  /** Those of these ids that are living groups of the tenant. */
  async living(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.core.query<{ id: string }>({
      name: 'groups_among',
      text: `select id from core.user_groups where organization_id = $1::uuid and id = any($2::uuid[]) and deleted_at is null`,
      values: [currentPlacement().organizationId, ids],
    });
    return new Set(rows.map(({ id }) => id));
  }
}

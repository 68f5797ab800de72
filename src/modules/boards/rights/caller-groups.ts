import { Injectable } from '@nestjs/common';
import { CoreUnit } from '../../../platform/tenancy/index.js';

/** What boards ask of core about groups: a board names them by id alone. */
export abstract class CallerGroups {
  /** Ids of the living groups of the tenant that a person is in, the computed one of all members included. */
  abstract of(userId: string): Promise<ReadonlySet<string>>;
  /** Those of these ids that are living groups of the tenant. */
  abstract living(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

const OWN = `g.organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid and g.deleted_at is null`;

@Injectable()
export class CoreCallerGroups extends CallerGroups {
  constructor(private readonly core: CoreUnit) {
    super();
  }

  override of(userId: string): Promise<ReadonlySet<string>> {
    return this.ids({
      name: 'groups_of_person',
      text: `select g.id from core.user_groups g where ${OWN} and case g.group_code
          when 'all_members' then exists (select from core.user_tenant_associations a
            where a.organization_id = g.organization_id and a.user_id = $1::uuid and a.status = 'active')
          else exists (select from core.user_group_members m
            where m.organization_id = g.organization_id and m.group_id = g.id and m.user_id = $1::uuid) end`,
      values: [userId],
    });
  }

  override living(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.ids({
      name: 'groups_among',
      text: `select g.id from core.user_groups g where ${OWN} and g.id = any($1::uuid[])`,
      values: [ids],
    });
  }

  private async ids(statement: { name: string; text: string; values: unknown[] }): Promise<ReadonlySet<string>> {
    return new Set((await this.core.query<{ id: string }>(statement)).map(({ id }) => id));
  }
}

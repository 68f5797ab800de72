import { Injectable } from '@nestjs/common';
import { CoreUnit } from '../../tenancy/index.js';
import type { BusinessRow, OwnerName } from '../dto/business.dto.js';

/** What records ask of core about the people who own them. A record holds an id; core is another unit, perhaps another server. */
@Injectable()
export class Owners {
  constructor(private readonly core: CoreUnit) {}

  /** Those of these ids that are active members of the tenant. */
  async members(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.core.query<{ user_id: string }>({
      name: 'members_among',
      text: `select user_id from core.user_tenant_associations
        where organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid
          and user_id = any($1::uuid[]) and status = 'active'`,
      values: [ids],
    });
    return new Set(rows.map(({ user_id }) => user_id));
  }

  /** Puts the owner's name beside `owner_id`, all in one question; null where there is no such member any more. */
  async include<Row extends BusinessRow>(rows: Row[]): Promise<Row[]> {
    const ids = new Set(rows.map(({ owner_id: owner }) => owner).filter((id) => id !== null));
    const names = ids.size === 0 ? [] : await this.names([...ids]);
    const byId = new Map(names.map((name) => [name.id, name]));
    for (const row of rows) row.owner = byId.get(row.owner_id ?? '') ?? null;
    return rows;
  }

  private names(ids: readonly string[]): Promise<OwnerName[]> {
    return this.core.query<OwnerName>({
      name: 'member_names',
      text: `select id, full_name, avatar_url from core.member_names($1::uuid[])`,
      values: [ids],
    });
  }
}

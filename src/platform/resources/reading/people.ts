import { Injectable } from '@nestjs/common';
import { CoreUnit } from '../../tenancy/index.js';
import type { Resource } from '../definition/resource.js';
import type { PersonName, StoredRow } from '../dto/business.dto.js';

/** What records ask of core about the people whom they name. A record holds an id; core is another unit, perhaps another server. */
@Injectable()
export class People {
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

  /** Puts names beside ids (`owner` beside `owner_id`), all in one question; null where there is no such member any more. */
  async include<Row extends StoredRow>(
    { people }: Resource<Row>,
    rows: Row[],
    include: readonly string[],
  ): Promise<Row[]> {
    const columns = include.map((name) => [name, people.get(name) ?? ''] as const);
    const ids = new Set(
      rows.flatMap((row) => columns.map(([, column]) => idIn(row, column))).filter((id) => id !== null),
    );
    const names = ids.size === 0 ? [] : await this.names([...ids]);
    const byId = new Map(names.map((name) => [name.id, name]));
    for (const row of rows)
      for (const [name, column] of columns) Reflect.set(row, name, byId.get(idIn(row, column) ?? '') ?? null);
    return rows;
  }

  private names(ids: readonly string[]): Promise<PersonName[]> {
    return this.core.query<PersonName>({
      name: 'member_names',
      text: `select id, full_name, avatar_url from core.member_names($1::uuid[])`,
      values: [ids],
    });
  }
}

function idIn(row: StoredRow, column: string): string | null {
  const id: unknown = Reflect.get(row, column);
  return typeof id === 'string' ? id : null;
}

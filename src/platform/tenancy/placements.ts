import { Injectable } from '@nestjs/common';
import { NotFound, Unavailable } from '../../common/problems.js';
import { type DatabaseAt, newestMigration, Pools } from '../database/index.js';
import type { Placement } from './scope.js';

interface Row {
  epoch: number;
  server: string;
  database_name: string | null;
  schema_name: string;
  status: string | null;
  migration: string | null;
}

/** A place with tables of tenants. */
export interface ServedLocation extends DatabaseAt {
  readonly isShared: boolean;
  readonly schema: string;
}

/** Whether a node that needs such a migration of a location may serve it. */
export const isServed = ({ status, migration }: Pick<Row, 'status' | 'migration'>, needs: string): boolean =>
  status === 'ready' && migration !== null && migration >= needs;

/** Where tenants are, read from core by the platform login. There is no default: an unknown tenant is an error. */
@Injectable()
export class Placements {
  constructor(private readonly pools: Pools) {}

  /** Throws 404 for an organization that is not, or is deleted, and 503 for one whose location is not ready. */
  async get(organizationId: string): Promise<Placement> {
    const { rows } = await this.pools.get('platform').query<Row>({
      name: 'placement',
      text: `select o.epoch, l.server, l.database_name, l.schema_name, l.status, l.migration from core.organizations o
        left join core.locations l on l.id = o.location_id where o.id = $1 and o.deleted_at is null`,
      values: [organizationId],
    });
    const [row] = rows;
    if (row === undefined) throw NotFound();
    if (!isServed(row, await newestMigration('tenant'))) throw Unavailable();
    return {
      organizationId,
      epoch: row.epoch,
      server: row.server,
      database: row.database_name ?? this.pools.main.database,
      schema: row.schema_name,
    };
  }

  /** What core has of an organization, wherever it is and whether or not it is served. undefined: there is none. */
  async known(organizationId: string): Promise<{ epoch: number; isDeleted: boolean } | undefined> {
    const { rows } = await this.pools.get('platform').query<{ epoch: number; isDeleted: boolean }>({
      name: 'organization_known',
      text: `select epoch, deleted_at is not null as "isDeleted" from core.organizations where id = $1`,
      values: [organizationId],
    });
    return rows[0];
  }

  /** Every location where tenants are served, the oldest first: not one whose tenant is deleted, or has left it. */
  async locations(): Promise<ServedLocation[]> {
    const { rows } = await this.pools.get('platform').query<Row & { isolation: string }>({
      name: 'locations',
      text: `select isolation, server, database_name, schema_name from core.locations l where status = 'ready'
          and (isolation = 'shared' or exists (select from core.organizations o where o.location_id = l.id and o.deleted_at is null))
        order by created_at, id`,
    });
    return rows.map(({ isolation, server, database_name, schema_name: schema }) => ({
      isShared: isolation === 'shared',
      server,
      database: database_name ?? this.pools.main.database,
      schema,
    }));
  }
}

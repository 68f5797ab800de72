import { Injectable } from '@nestjs/common';
import { NotFound, Unavailable } from '../../common/problems.js';
import { newestMigration, Pools } from '../database/index.js';
import type { Placement } from './scope.js';

interface Row {
  epoch: number;
  server: string;
  database_name: string | null;
  schema_name: string;
  status: string | null;
  migration: string | null;
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

  /** The schemas of the main database in which tenants live. */
  async schemas(): Promise<string[]> {
    const { rows } = await this.pools.get('platform').query<{ schema_name: string }>({
      name: 'locations',
      text: `select schema_name from core.locations where server = 'main' and database_name is null and status = 'ready'`,
    });
    return rows.map(({ schema_name }) => schema_name);
  }
}

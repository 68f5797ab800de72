import { randomUUID } from 'node:crypto';
import { Migrator } from '../../src/platform/database/index.js';
import { asSuperuser, type Database } from '../cluster.js';

/** Where the tenant of the bench can be. */
export interface Place {
  readonly id: string;
  readonly isolation: 'shared' | 'schema' | 'database';
  readonly schema: string;
  readonly database: Database;
}

/** One place of each kind: the shared one, a schema of its own, and a database of its own on the same server. */
export async function makePlaces(main: Database, other: Database): Promise<Place[]> {
  const add = async (isolation: Place['isolation'], database: Database, schema: string): Promise<Place> => {
    const id = randomUUID();
    const name = database === main ? null : new URL(database.app).pathname.slice(1);
    await asSuperuser(main.superuser, (client) =>
      client.query(
        `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
         select $1, $2, 'main', $3, $4, 'ready', migration from core.locations where isolation = 'shared'`,
        [id, isolation, name, schema],
      ),
    );
    return { id, isolation, schema, database };
  };
  const { rows } = await asSuperuser(main.superuser, (client) =>
    client.query<{ id: string }>(`select id from core.locations where isolation = 'shared'`),
  );
  const shared: Place = { id: rows[0]?.id ?? '', isolation: 'shared', schema: 'shared', database: main };
  const schema = await add('schema', main, 'tenant_bench');
  await new Migrator(main, 'shared').migrate();
  return [shared, schema, await add('database', other, 'shared')];
}

/** The tenant's leads at a place, by id. */
export const leadsAt = ({ database, schema }: Place, organizationId: string): Promise<Map<string, string>> =>
  asSuperuser(database.superuser, async (client) => {
    const { rows } = await client.query<{ id: string; name: string }>(
      `select id, name from ${schema}.crm_leads where organization_id = $1`,
      [organizationId],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  });

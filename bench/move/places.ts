import { randomUUID } from 'node:crypto';
import { MAIN_SERVER, Migrator } from '../../src/platform/database/index.js';
import { asSuperuser, type Database } from '../cluster.js';

/** The further server. */
export const EU_1 = 'eu-1';
/** Of an isolation, and of a further server where it is there. */
export type Kind = 'shared' | 'schema' | 'database' | `database@${string}`;

/** Where the tenant of the bench can be. */
export interface Place {
  readonly id: string;
  readonly kind: Kind;
  readonly schema: string;
  readonly database: Database;
}

/** One place of each kind: the shared one, a schema of its own, and a database of its own on each server. */
export async function makePlaces(main: Database, other: Database, away: Database): Promise<Place[]> {
  const add = async (kind: Kind, database: Database, schema: string): Promise<Place> => {
    const id = randomUUID();
    const [isolation, server = MAIN_SERVER] = kind.split('@');
    const name = database === main ? null : new URL(database.app).pathname.slice(1);
    await asSuperuser(main.superuser, (client) =>
      client.query(
        `insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
         select $1, $2, $3, $4, $5, 'ready', migration from core.locations where isolation = 'shared'`,
        [id, isolation, server, name, schema],
      ),
    );
    return { id, kind, schema, database };
  };
  const { rows } = await asSuperuser(main.superuser, (client) =>
    client.query<{ id: string }>(`select id from core.locations where isolation = 'shared'`),
  );
  const shared: Place = { id: rows[0]?.id ?? '', kind: 'shared', schema: 'shared', database: main };
  const schema = await add('schema', main, 'tenant_bench');
  await new Migrator(main, 'shared').migrate();
  const own = await add('database', other, 'shared');
  return [shared, schema, own, await add(`database@${EU_1}`, away, 'shared')];
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

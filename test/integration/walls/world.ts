import type { EntityManager } from '@mikro-orm/postgresql';
import { startApp, type TestApp } from '../../support/app.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { type Isolation, moveTo, newPlace } from '../../support/places.js';
import { planeOf } from '../../support/plane.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';

/**
 * Two tenants in one location, one of which tries to reach the other. In a place of the first one's own the other's rows
 * are there as after a mistake: the walls do not lean on everybody's being alone.
 */
export interface World {
  readonly app: TestApp;
  readonly em: EntityManager;
  readonly mine: Tenant;
  readonly theirs: Tenant;
  /** Of the other tenant: the rows that must not be seen or changed. */
  readonly theirLead: string;
  readonly theirBoard: string;
  readonly theirPost: string;
  readonly myLead: string;
  /** Of `mine`. */
  readonly adminEmail: string;
  /** The location, as the superuser: tables need no schema. */
  readonly at: Pick<TestDatabase, 'sql'>;
  /** A login's connection string for the database of the location. */
  url(login: keyof TestDatabase['urls']): string;
  /** Runs as a user of `mine`, in a scope of its own. */
  asMine<T>(work: () => Promise<T>): Promise<T>;
  /** The same in one unit of work. */
  inUnit<T>(work: () => Promise<T>): Promise<T>;
  /** What the other tenant's leads are in all locations, whole. */
  theirRows(): Promise<unknown[]>;
  plane: ReturnType<typeof planeOf>;
}

export type Worlds = Readonly<Record<Isolation, World>> & { readonly app: TestApp; close(): Promise<void> };

/** Who is moved to which place; the other one stays in the shared tables. */
const MINE: Readonly<Record<Isolation, string>> = { shared: 'testcorp', schema: 'acme', database: 'initech' };
const THEIRS = 'globex';
/** Parents first. */
const PLANTED = ['crm_leads', 'boards', 'board_categories', 'posts'];
/** For two moves besides the start of an application. */
export const STARTS_MS = 60_000;

export async function makeWorlds(): Promise<Worlds> {
  const database = await freshDatabase();
  for (const isolation of ['schema', 'database'] as const) {
    const { id } = await tenantOf(database, MINE[isolation]);
    await moveTo(database, id, await newPlace(database, isolation));
    await plant(database, MINE[isolation]);
  }
  const app = await startApp(database);
  return {
    app,
    shared: await worldOf(app, 'shared'),
    schema: await worldOf(app, 'schema'),
    database: await worldOf(app, 'database'),
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

/** Rows of the other tenant into a place that is not its own. */
async function plant(database: TestDatabase, code: string): Promise<void> {
  const { id } = await tenantOf(database, THEIRS);
  const { sql } = database.at(code);
  for (const table of PLANTED) {
    const rows = await database
      .at(THEIRS)
      .sql<{ row: unknown }>(`select to_jsonb(t) as row from ${table} t where organization_id = $1`, [id]);
    const [columns] = await sql<{ names: string }>(
      `select string_agg(quote_ident(attname), ', ') as names from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [table],
    );
    const names = columns?.names ?? '';
    await sql(
      `insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [JSON.stringify(rows.map(({ row }) => row))],
    );
  }
}

async function worldOf(app: TestApp, isolation: Isolation): Promise<World> {
  const { database } = app;
  const [mine, theirs] = await Promise.all([tenantOf(database, MINE[isolation]), tenantOf(database, THEIRS)]);
  const at = database.at(mine.id);
  const first = async (table: string, { id }: Tenant): Promise<string> => {
    const [row] = await at.sql<{ id: string }>(
      `select id from ${table} where organization_id = $1 order by id limit 1`,
      [id],
    );
    if (row === undefined) throw new Error(`there is nothing to reach in ${table}`);
    return row.id;
  };
  const plane = planeOf(app.app);
  const actor = { kind: 'user' as const, id: mine.adminId };
  const asMine = <T>(work: () => Promise<T>) => plane.tenancy.run(mine.id, work, actor);
  return {
    app,
    em: plane.em,
    plane,
    mine,
    theirs,
    at,
    adminEmail: `admin@${mine.code}.com`,
    url: (login) => new URL(`/${mine.placement.database}`, database.urls[login]).href,
    myLead: await first('crm_leads', mine),
    theirLead: await first('crm_leads', theirs),
    theirBoard: await first('boards', theirs),
    theirPost: await first('posts', theirs),
    asMine,
    inUnit: (work) => asMine(() => plane.tenancy.transaction(work)),
    theirRows: () => database.everywhere('select * from crm_leads where organization_id = $1 order by id', [theirs.id]),
  };
}

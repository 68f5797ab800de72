import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getConstructionPlans, PgBoss } from 'pg-boss';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

/** Everything that a schema consists of, a line each; without the daily partitions of statistics, which are not used. */
const INVENTORY = `
  select format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'pgboss'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and c.relname !~ '^queue_stats_'
  union all select pg_get_indexdef(indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
  where c.relnamespace = 'pgboss'::regnamespace and c.relname !~ '^queue_stats_'
  union all select format('constraint %s %s %s', c.relname, o.conname, pg_get_constraintdef(o.oid)) from pg_constraint o join pg_class c on c.oid = o.conrelid
  where c.relnamespace = 'pgboss'::regnamespace and c.relname !~ '^queue_stats_'
  union all select format('function %s %s', p.oid::regprocedure, regexp_replace(pg_get_functiondef(p.oid), '\\s+', ' ', 'g')) from pg_proc p where p.pronamespace = 'pgboss'::regnamespace
  union all select 'state ' || enumlabel from pg_enum e join pg_type t on t.oid = e.enumtypid where t.typnamespace = 'pgboss'::regnamespace
  union all select 'version ' || version from pgboss.version order by 1`;

/** When this fails, pg-boss was updated: what it wants of its schema is a migration of its own. */
describe('the schema of the queue', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('is what the installed pg-boss would make, and of the version that it wants', async () => {
    const theirs = await freshDatabase({ empty: true });
    await theirs.sql(getConstructionPlans('pgboss'));
    const lines = async ({ sql }: TestDatabase) => (await sql<{ line: string }>(INVENTORY)).map(({ line }) => line);
    const wanted = await lines(theirs);
    await theirs.drop();
    expect(wanted.length).toBeGreaterThan(100);
    expect(await lines(database)).toEqual(wanted);
    const boss = new PgBoss({ connectionString: database.urls.superuser, max: 1, migrate: false });
    // refuses any other version
    await boss.start();
    await boss.stop({ graceful: false });
  });

  it('belongs to the owner, and is worked by the platform’s login alone, which makes nothing there', async () => {
    const rows = await database.sql<{ role: string; usage: boolean; create: boolean; tables: string[] | null }>(
      `select r.rolname as role, has_schema_privilege(r.oid, 'pgboss', 'usage') as usage, has_schema_privilege(r.oid, 'pgboss', 'create') as create,
         (select array_agg(c.relname::text order by c.relname) from pg_class c where c.relnamespace = 'pgboss'::regnamespace and c.relkind in ('r', 'p')
          and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')) as tables
       from pg_roles r where r.rolname in ('tenantry_app', 'tenantry_platform', 'tenantry_mover') order by 1`,
    );
    const worked = ['job', 'job_common', 'job_dependency', 'queue', 'schedule', 'version'];
    expect(rows).toEqual([
      { role: 'tenantry_app', usage: false, create: false, tables: null },
      { role: 'tenantry_mover', usage: false, create: false, tables: null },
      { role: 'tenantry_platform', usage: true, create: false, tables: worked },
    ]);
    const mover = new pg.Client(database.urls.mover);
    await mover.connect();
    await expect(mover.query('select from pgboss.job')).rejects.toMatchObject({ code: '42501' });
    await mover.end();
  });
});

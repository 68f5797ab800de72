import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import type { TestDatabase } from '../../support/database.js';
import { database as databases, tenancy } from '../../support/dist.js';
import { tenantOf } from '../../support/tenants.js';

const PLANES = ['core', 'shared'] as const;

/** `audit_log_2026_12` of the month that is so many away. */
function partitionOf(months: number): string {
  const now = new Date();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1));
  return `audit_log_${String(month.getUTCFullYear())}_${String(month.getUTCMonth() + 1).padStart(2, '0')}`;
}

describe.each(PLANES)('the audit log of %s by month', (schema) => {
  let app: TestApp;
  let database: TestDatabase;
  let tenantId: string;
  beforeAll(async () => {
    app = await startApp();
    ({ database } = app);
    tenantId = (await tenantOf(database, 'testcorp')).id;
  });
  afterAll(() => app.close());

  const partitions = async () => {
    const rows = await database.sql<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1`,
      [`${schema}.audit_log`],
    );
    return rows.map(({ name }) => name);
  };
  /** Where an entry of this time comes to lie. */
  const insertedAt = async (at: string) => {
    const [row] = await database.sql<{ place: string }>(
      `insert into ${schema}.audit_log (organization_id, id, at, action, resource) values ($1, gen_random_uuid(), ${at}, 'probe', 'probes')
       returning tableoid::regclass::text as place`,
      [tenantId],
    );
    return row?.place;
  };
  const rows = async (where: string) => {
    const [row] = await database.sql<{ rows: number; sum: string }>(
      `select count(*)::int as rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text as sum from ${schema}.${where} t`,
    );
    return row ?? { rows: 0, sum: '' };
  };

  it('has partitions of this month and of three ahead', async () => {
    expect(await partitions()).toEqual([...[0, 1, 2, 3].map(partitionOf).sort(), 'audit_log_default'].sort());
  });

  it('puts an entry into its month, and one beyond those that are made into the default one', async () => {
    expect(await insertedAt('now()')).toBe(`${schema}.${partitionOf(0)}`);
    const nextMonth = `date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + interval '1 month'`;
    expect(await insertedAt(nextMonth)).toBe(`${schema}.${partitionOf(1)}`);
    expect(await insertedAt(`${nextMonth} - interval '1 millisecond'`)).toBe(`${schema}.${partitionOf(0)}`);
    expect(await insertedAt(`now() + interval '9 months'`)).toBe(`${schema}.audit_log_default`);
    await database.sql(`delete from ${schema}.audit_log where action = 'probe'`);
  });

  it('walls each partition, and gives nobody a right on it', async () => {
    const found = await database.sql(
      `select c.relname from pg_class c, unnest(array['tenantry_app', 'tenantry_platform']) login
       where c.relnamespace = $1::regnamespace and c.relname ~ '^audit_log_' and c.relkind = 'r' and (not c.relrowsecurity or not c.relforcerowsecurity
         or has_table_privilege(login, c.oid, 'select, insert, update, delete, truncate, references, trigger'))`,
      [schema],
    );
    expect(found).toEqual([]);
  });

  it('has what a lost month took into the default one moved, without losing or changing a row', async () => {
    expect(await insertedAt(`'2026-02-28T23:59:59.999Z'`)).toBe(`${schema}.audit_log_default`);
    expect(await insertedAt(`'2026-03-01T00:00:00Z'`)).toBe(`${schema}.audit_log_default`);
    const before = await rows('audit_log');
    await database.sql(`alter table ${schema}.audit_log detach partition ${schema}.${partitionOf(0)}`);
    await database.sql(`insert into ${schema}.audit_log_default select * from ${schema}.${partitionOf(0)}`);
    await database.sql(`drop table ${schema}.${partitionOf(0)}`);
    expect(await app.app.get(tenancy.AuditPartitions).make()).toBe(true);
    expect(await rows('audit_log')).toEqual(before);
    expect(await database.sql(`select pg_relation_size('${schema}.audit_log_default')::int as bytes`)).toEqual([
      { bytes: 0 },
    ]);
    expect([(await rows('audit_log_2026_02')).rows, (await rows('audit_log_2026_03')).rows]).toEqual([1, 1]);
    expect((await rows(partitionOf(0))).rows).toBeGreaterThan(0);
    const [row] = await database.sql('select relforcerowsecurity as forced from pg_class where oid = $1::regclass', [
      `${schema}.audit_log_default`,
    ]);
    expect(row).toEqual({ forced: true });
  });

  it('is made by nodes that come at once, by each of them or none', async () => {
    await database.sql(`drop table ${schema}.${partitionOf(3)}`);
    const makers = Array.from({ length: 6 }, () => app.app.get(tenancy.AuditPartitions).make());
    expect(new Set(await Promise.all(makers))).toEqual(new Set([true]));
    expect(await partitions()).toContain(partitionOf(3));
  });

  it('goes on in the default one while nothing can be made, and says so', async () => {
    const rights = (how: string) =>
      database.sql(`${how} tenantry_platform`.replace('ON', 'execute on function tenancy.make_audit_partitions'));
    await rights('revoke ON from');
    expect(await app.app.get(tenancy.AuditPartitions).make()).toBe(false);
    await rights('grant ON to');
    expect(await app.app.get(tenancy.AuditPartitions).make()).toBe(true);
  });

  it('is made by a node that starts', async () => {
    await database.sql(`drop table ${schema}.${partitionOf(2)}`);
    const node = await startApp(database);
    await node.close();
    expect(await partitions()).toContain(partitionOf(2));
  });

  it('is taken back into one table with its rows, and made again', async () => {
    const before = await rows('audit_log');
    const migrator = new databases.Migrator(database.urls, 'shared');
    await migrator.down({ to: 'Migration20261120230000_moved_rows' });
    expect(await partitions()).toEqual(['audit_log_default']);
    expect(await rows('audit_log')).toEqual(before);
    await migrator.migrate();
    expect(await rows('audit_log')).toEqual(before);
    expect(await rows('audit_log_default')).toMatchObject({ rows: 0 });
  });
});

describe.each(PLANES)('the audit log of %s', (schema) => {
  let app: TestApp;
  let tables: string[];
  let enter: string;
  const count = async () =>
    (
      await app.database.sql(
        `select count(*)::int as rows, sum(hashtextextended(t::text, 0)) as sum from ${schema}.audit_log t`,
      )
    )[0];
  beforeAll(async () => {
    app = await startApp();
    const { id, placement } = await tenantOf(app.database, 'testcorp');
    enter =
      schema === 'core'
        ? `select core.enter('${id}', null, 'all')`
        : `select tenancy.enter('${id}', ${String(placement.epoch)}, null)`;
    const rows = await app.database.sql<{ name: string }>(
      `select $1 || '.' || relname as name from pg_class where relnamespace = $1::regnamespace and relname ~ '^audit_log(_default|_\\d+_\\d+)?$' order by 1`,
      [schema],
    );
    tables = rows.map(({ name }) => name);
    expect(tables.length).toBeGreaterThanOrEqual(6);
    expect(await count()).not.toMatchObject({ rows: 0 });
  });
  afterAll(() => app.close());

  /** Each statement as one who works for a tenant, in a transaction of its own that would be committed. */
  async function attempt(login: 'app' | 'platform', statement: (table: string) => string): Promise<unknown[]> {
    const client = new pg.Client(app.database.urls[login]);
    await client.connect();
    const answers: unknown[] = [];
    try {
      for (const table of tables) {
        await client.query('begin');
        try {
          if (login === 'app') await client.query(enter);
          answers.push((await client.query(statement(table))).rowCount);
          await client.query('commit');
        } catch (error) {
          answers.push((error as pg.DatabaseError).code);
          await client.query('rollback');
        }
      }
    } finally {
      await client.end();
    }
    return answers;
  }
  const ALTERING = [
    (table: string) => `update ${table} set reason = 'forged'`,
    (table: string) => `delete from ${table}`,
    (table: string) => `truncate ${table}`,
    (table: string) => `merge into ${table} t using (select 1) x on true when matched then delete`,
    (table: string) => `drop table ${table}`,
    (table: string) => `alter table ${table} disable row level security`,
  ];

  it.each(['app', 'platform'] as const)('is altered by nobody who comes as %s: table and partitions', async (login) => {
    const before = await count();
    for (const statement of ALTERING) expect(new Set(await attempt(login, statement))).toEqual(new Set(['42501']));
    expect(await count()).toEqual(before);
  });

  it('is altered by nobody to whom the rights were given by mistake', async () => {
    const before = await count();
    for (const table of tables)
      await app.database.sql(`grant select, update, delete on ${table} to tenantry_app, tenantry_platform`);
    await app.database.sql(`grant usage on schema ${schema} to tenantry_platform`);
    for (const login of ['app', 'platform'] as const)
      for (const statement of ALTERING.slice(0, 2))
        expect(new Set(await attempt(login, statement))).toEqual(new Set([0]));
    expect(await count()).toEqual(before);
  });
});

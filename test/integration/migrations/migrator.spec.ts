import { once } from 'node:events';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MigrationStep } from '../../../src/platform/database/index.js';
import { database as databaseModule } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

const OF_CORE = globSync('migrations/core/Migration*.ts', { cwd: join(import.meta.dirname, '../../..') }).length;

describe('the migrator', () => {
  let database: TestDatabase;
  let told: MigrationStep[];
  beforeEach(async () => {
    database = await freshDatabase({ empty: true });
    told = [];
  });
  afterEach(() => database.drop());

  const migrator = () =>
    new databaseModule.Migrator(database.urls, 'shared', {
      onStep: (step) => {
        told.push(step);
      },
    });
  const placed = (steps: readonly MigrationStep[]) => steps.map(({ schema, name }) => `${schema}: ${name}`);
  const ledger = async () => {
    const rows = await database.sql<{ line: string }>(
      `select schema_name || ': ' || name as line from tenancy.migrations order by applied_at, schema_name, name`,
    );
    return rows.map(({ line }) => line).sort();
  };
  const schemas = async () => {
    const rows = await database.sql<{ nspname: string }>(
      `select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('public', 'information_schema') order by 1`,
    );
    return rows.map(({ nspname }) => nspname);
  };
  const tablesIn = async (schema: string) => {
    const rows = await database.sql<{ tablename: string }>('select tablename from pg_tables where schemaname = $1', [
      schema,
    ]);
    return rows.map(({ tablename }) => tablename);
  };

  it('notes each step with what it ran, and makes the shared location ready', async () => {
    const steps = await migrator().migrate();
    expect(steps).toEqual(told);
    expect(await ledger()).toEqual(placed(steps).sort());
    expect(await database.sql('select isolation, schema_name, status, migration from core.locations')).toEqual([
      { isolation: 'shared', schema_name: 'shared', status: 'ready', migration: steps.at(-1)?.name },
    ]);
  });

  it('at work twice at once: one does it all, the other waits and finds nothing left', async () => {
    const [one, other] = await Promise.all([migrator().migrate(), migrator().migrate()]);
    expect([one.length, other.length].sort((a, b) => a - b)).toEqual([0, (await ledger()).length]);
    expect(new Set(placed([...one, ...other])).size).toBe(one.length + other.length);
  });

  it('migrates every location that core knows, whatever its schema is called', async () => {
    await migrator().migrate();
    await database.sql(
      `insert into core.locations (id, isolation, server, schema_name, status) values (gen_random_uuid(), 'schema', 'main', 'tenant_acme_0badcafe', 'ready')`,
    );
    told = [];
    const steps = await migrator().migrate();
    expect(new Set(steps.map(({ schema }) => schema))).toEqual(new Set(['tenant_acme_0badcafe']));
    expect((await tablesIn('tenant_acme_0badcafe')).sort()).toEqual((await tablesIn('shared')).sort());
    // what the boot asks for holds there as well
    const walls = await database.sql(
      `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'tenant_acme_0badcafe' and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`,
    );
    expect(walls).toEqual([]);
  });

  it('takes everything back, and makes it again', async () => {
    const steps = await migrator().migrate();
    const back = await migrator().down({ all: true });
    expect(placed(back)).toEqual(placed(steps).sort(byPlace));
    expect(await ledger()).toEqual([]);
    expect([...(await tablesIn('core')), ...(await tablesIn('shared'))]).toEqual([]);
    expect(placed(await migrator().migrate())).toEqual(placed(steps));
  });

  it('gives the rights of what a run made that died before it gave them', async () => {
    await migrator().migrate();
    await migrator().down({ all: true });
    await database.sql(`create function public.died() returns trigger language plpgsql as $$ begin raise exception 'died'; end $$;
      create trigger died before insert or update on tenancy.rights for each row when (new.schema_name = 'shared') execute function public.died()`);
    await expect(migrator().migrate()).rejects.toThrow('died');
    await database.sql('drop function public.died() cascade');
    await migrator().migrate();
    const [rights] = await database.sql(
      `select has_schema_privilege('tenantry_app', 'shared', 'usage') as usage, has_table_privilege('tenantry_app', 'shared.boards', 'select') as reads`,
    );
    expect(rights).toEqual({ usage: true, reads: true });
  });

  it('stamps what was made otherwise, and runs nothing', async () => {
    const steps = await migrator().migrate();
    await database.sql('delete from tenancy.migrations');
    const [{ relfilenode: before } = {}] = await database.sql<{ relfilenode: number }>(
      `select relfilenode from pg_class where oid = 'core.users'::regclass`,
    );
    const noted = await migrator().stamp();
    expect(placed(noted)).toEqual(placed(steps));
    expect(new Set(noted.map(({ direction }) => direction))).toEqual(new Set(['stamp']));
    expect(await database.sql(`select relfilenode from pg_class where oid = 'core.users'::regclass`)).toEqual([
      { relfilenode: before },
    ]);
    expect(await migrator().migrate()).toEqual([]);
  });

  it('drops core, every location and its ledger, and nothing of others', async () => {
    await migrator().migrate();
    await database.sql('create schema elsewhere; create table elsewhere.kept ()');
    expect(await migrator().drop()).toEqual(['shared', 'tenancy', 'pgboss', 'core']);
    expect(await schemas()).toEqual(['elsewhere']);
  });

  it('undoes a migration that fails, and says which and where', async () => {
    await database.sql('create schema shared authorization tenantry_owner; create table shared.crm_leads (mine text)');
    await expect(migrator().migrate()).rejects.toThrow(/^shared: Migration\d+_\w+ failed: .*crm_leads/);
    const before = await ledger();
    expect(before.filter((line) => line.startsWith('core: '))).toHaveLength(OF_CORE);
    expect(await tablesIn('shared')).not.toContain('manufacturing_orders');
    await database.sql('drop table shared.crm_leads');
    const rest = await migrator().migrate();
    expect(new Set(rest.map(({ schema }) => schema))).toEqual(new Set(['shared']));
    expect([...before, ...placed(rest)].sort()).toEqual(await ledger());
    expect(await tablesIn('shared')).toContain('manufacturing_orders');
  });

  it('waits for a table that is busy, in short tries that stall nobody behind them', async () => {
    await migrator().migrate();
    const busy = new pg.Client({ connectionString: database.urls.owner });
    await busy.connect();
    await busy.query('begin; lock table shared.crm_leads in access share mode');
    const done = migrator().down({ all: true });
    // longer than one try waits
    const released = new Promise((resolve) => setTimeout(resolve, 2_500)).then(() => busy.query('commit'));
    await expect(done).resolves.not.toEqual([]);
    await released;
    busy.end().catch(() => undefined);
    await once(busy, 'end');
    expect(await tablesIn('shared')).toEqual([]);
  }, 30_000);
});

/** Locations before core, the latest first. */
const byPlace = (a: string, b: string): number => {
  const inCore = (line: string) => Number(line.startsWith('core'));
  return inCore(a) - inCore(b) || b.localeCompare(a, 'en');
};

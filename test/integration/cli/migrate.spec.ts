import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { environmentOf, INSIDE, type Ran, ROOT, tenantry } from './cli.js';

/** As a deployment calls them, one after the other, on a database that has nothing yet. */
describe('the command line migrates', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase({ empty: true });
  });
  afterAll(() => database.drop());

  const run = (...args: string[]): Promise<Ran> => tenantry(args, { env: environmentOf(database), cwd: ROOT });
  const ledger = () =>
    database.sql<{ schema_name: string; name: string }>(
      'select schema_name, name from tenancy.migrations order by schema_name, name',
    );

  it('migrate:status: of a new database all is pending, and nothing is made by asking', async () => {
    const { code, document } = await run('migrate:status', '--json');
    expect(code).toBe(0);
    const { schemas } = document() as {
      schemas: { schema: string; current: null; applied: number; pending: string[] }[];
    };
    expect(schemas.map(({ schema, current, applied }) => ({ schema, current, applied }))).toEqual([
      { schema: 'core', current: null, applied: 0 },
      { schema: 'shared', current: null, applied: 0 },
    ]);
    for (const { pending } of schemas) expect(pending.length).toBeGreaterThan(0);
    expect(await database.sql(`select from pg_namespace where nspname in ('core', 'shared', 'tenancy')`)).toEqual([]);
  });

  it('migrate: core first, then the locations, a line each', async () => {
    const { code, out } = await run('migrate');
    expect(code).toBe(0);
    const lines = out.split('\n').filter((line) => line.startsWith('✓ applied'));
    expect(lines).toHaveLength((await ledger()).length);
    expect(lines.findLastIndex((line) => line.includes(' core: '))).toBeLessThan(
      lines.findIndex((line) => line.includes(' shared: ')),
    );
    expect(out).toContain(`Applied ${String(lines.length)} migrations.`);
  });

  it('migrate --json: a second time there is nothing to do', async () => {
    const before = await ledger();
    const { code, document } = await run('migrate', '--json');
    expect(code).toBe(0);
    expect(document()).toEqual({ ok: true, dry_run: false, applied: [] });
    expect(await ledger()).toEqual(before);
  });

  it('migrate:check: entities, snapshots, core and the location agree, and a column more is told', async () => {
    const clean = await run('migrate:check');
    expect(clean).toMatchObject({ code: 0, err: '' });
    expect(clean.out).toContain('No drift.');
    await database.sql('alter table shared.crm_leads add column forgotten text');
    const { code, document } = await run('migrate:check', '--json');
    await database.sql('alter table shared.crm_leads drop column forgotten');
    expect(code).toBe(1);
    const { ok, places } = document() as { ok: boolean; places: { place: string; statements: string[] }[] };
    expect(ok).toBe(false);
    expect(places.filter(({ statements }) => statements.length > 0)).toEqual([
      expect.objectContaining({ place: 'shared', statements: [expect.stringContaining('forgotten')] }),
    ]);
  });

  it('migrate:history --verbose: when, how long, with which checksum', async () => {
    const { code, out } = await run('migrate:history', '--verbose');
    expect(code).toBe(0);
    for (const { schema_name, name } of await ledger())
      expect(out).toMatch(new RegExp(`^${schema_name} +${name} +\\d{4}-.* +\\d+ +[0-9a-f]{64}$`, 'm'));
  });

  it('migrate:down: takes back the latest, the locations first, and migrate puts them there again', async () => {
    const before = await ledger();
    // as far back as the latest of both planes
    const names = [...new Set(before.map(({ name }) => name))].sort().reverse();
    const latestOf = (schema: string) =>
      names.findIndex((each) => before.some((row) => row.schema_name === schema && row.name === each));
    const steps = 1 + Math.max(latestOf('shared'), latestOf('core'));
    const { code, document } = await run('migrate:down', '--steps', String(steps), '--json');
    expect(code).toBe(0);
    const { taken_back } = document() as { taken_back: { schema: string; name: string }[] };
    expect(new Set(taken_back.map(({ name }) => name))).toEqual(new Set(names.slice(0, steps)));
    const schemas = taken_back.map(({ schema }) => schema);
    expect(new Set(schemas)).toEqual(new Set(['shared', 'core']));
    expect(schemas.lastIndexOf('shared')).toBeLessThan(schemas.indexOf('core'));
    expect(await ledger()).toEqual(
      before.filter(({ schema_name, name }) =>
        taken_back.every((back) => back.schema !== schema_name || back.name !== name),
      ),
    );
    expect((await run('migrate')).code).toBe(0);
    expect(await ledger()).toEqual(before);
  });

  it('takes a number or a name, not both', async () => {
    expect((await run('migrate', '--steps', '1', '--to', 'nope', '--dry-run')).code).toBe(2);
  });

  it('stops at a migration that was changed after it was applied, and says which', async () => {
    const [first] = await ledger();
    await database.sql(
      `update tenancy.migrations set checksum = repeat('0', 64) where schema_name = $1 and name = $2`,
      [first?.schema_name, first?.name],
    );
    const { code, out, err } = await run('migrate');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`error: migration ${first?.name ?? ''} was changed after it was applied to core`);
    expect(err).not.toMatch(INSIDE);
  });
});

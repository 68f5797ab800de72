import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MigrationFailure, Migrator } from '../../../src/platform/database/index.js';
import { database as databaseModule } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

/** Made by the first migration after this one of the tenant plane: where it is there before, that fails. */
const BEHIND = 'Migration20261127104600_audit_partitions';
const IN_THE_WAY = 'policy definer_reads on tenant_b_00000002.audit_log';
const SCHEMAS = ['tenant_a_00000001', 'tenant_b_00000002', 'tenant_c_00000003'];

/** The shared location, three schemas and a database of their own, each some migrations behind. */
describe('a fleet of locations', () => {
  let database: TestDatabase;
  const location = randomUUID();
  let own: string;
  let told = new Set<string>();
  let failed: MigrationFailure[] = [];
  beforeAll(async () => {
    database = await freshDatabase();
    own = `tenant_d_${location.slice(-8)}`;
    const maker = new databaseModule.LocationMaker(database.urls);
    for (const schema of SCHEMAS) await maker.makeSchema(schema);
    await maker.makeDatabase({ server: 'main', database: own, location });
    // in the order in which they are canaries: two of one millisecond would be in that of their ids
    for (const [at, [name, schema]] of [...SCHEMAS.map((schema) => [null, schema]), [own, 'tenant']].entries())
      await database.sql(
        `insert into core.locations (id, isolation, server, database_name, schema_name, status, created_at)
         values (gen_random_uuid(), $1, 'main', $2, $3, 'ready', now() + $4 * interval '1 second')`,
        [name === null ? 'schema' : 'database', name, schema, at],
      );
  }, 60_000);
  afterAll(async () => {
    await new databaseModule.LocationMaker(database.urls).dropDatabase({ server: 'main', database: own, location });
    await database.drop();
  });
  beforeEach(async () => {
    failed = [];
    for (const { id } of await database.sql<{ id: string }>('select id from core.locations'))
      await migrator().down({ to: BEHIND, location: id });
    told = new Set();
  });

  const migrator = (): Migrator =>
    new databaseModule.Migrator(database.urls, 'shared', {
      onStep: (step) => told.add(migrator().nameOf(step)),
      onFailure: (failure) => failed.push(failure),
    });
  const everywhere = () => ['shared', ...SCHEMAS, `main/${own}/tenant`].sort();
  const statuses = async () => {
    const rows = await database.sql<{ name: string; status: string; last_error: string | null }>(
      `select coalesce(database_name, schema_name) as name, status, last_error from core.locations order by 1`,
    );
    return new Map(rows.map(({ name, ...row }) => [name, row]));
  };
  const breakB = () => database.sql(`create ${IN_THE_WAY} for select to tenantry_owner using (false)`);
  const mendB = () => database.sql(`drop ${IN_THE_WAY}`);

  it('is migrated wherever its places are, and noted', async () => {
    await migrator().migrate();
    expect([...told].sort()).toEqual(everywhere());
    const newest = await databaseModule.newestMigration('tenant');
    expect(await database.sql('select distinct migration, status from core.locations')).toEqual([
      { migration: newest, status: 'ready' },
    ]);
    expect(await migrator().migrate()).toEqual([]);
  });

  it('goes on past a location that fails, shuts that one, and does it alone the next time', async () => {
    await breakB();
    const failure = await migrator()
      .migrate()
      .catch((error: unknown) => error);
    expect(String(failure)).toMatch(/tenant_b_00000002: Migration\d+_\w+ failed: .*already exists/);
    expect(failed).toMatchObject([{ schema: 'tenant_b_00000002', busy: false }]);
    expect([...told].sort()).toEqual(everywhere().filter((name) => name !== 'tenant_b_00000002'));
    const shut = (await statuses()).get('tenant_b_00000002');
    expect(shut).toMatchObject({ status: 'failed' });
    expect(shut?.last_error).toContain('already exists');
    await mendB();
    told = new Set();
    await migrator().migrate({}, { resume: true });
    expect([...told]).toEqual(['tenant_b_00000002']);
    expect((await statuses()).get('tenant_b_00000002')).toEqual({ status: 'ready', last_error: null });
  });

  it('is left alone when its canary fails', async () => {
    await breakB();
    await expect(migrator().migrate({}, { canary: 2 })).rejects.toThrow('already exists');
    expect([...told]).toEqual(['tenant_a_00000001']);
    await mendB();
    await migrator().migrate({}, { canary: 2 });
    expect([...told].sort()).toEqual(everywhere());
  });

  it('is migrated in one place alone when that is asked', async () => {
    const [row] = await database.sql<{ id: string }>('select id from core.locations where database_name = $1', [own]);
    await migrator().migrate({ location: row?.id ?? '' });
    expect([...told]).toEqual([`main/${own}/tenant`]);
    await migrator().migrate();
    expect([...told].sort()).toEqual(everywhere());
  });

  it('leaves a location in service that is busy: by a tenant that is being moved, or a database that is away', async () => {
    const holder = new pg.Client({ connectionString: database.urls.superuser });
    await holder.connect();
    const [moving] = await database.sql<{ id: string }>(
      `select id from core.locations where schema_name = 'tenant_c_00000003'`,
    );
    await holder.query(`select pg_advisory_lock_shared(${databaseModule.LOCATION_LOCK('$1::text')})`, [moving?.id]);
    await database.sql(`alter database ${own} with allow_connections false`);
    await expect(migrator().migrate()).rejects.toThrow(/tenant_c_00000003: a tenant is being moved/);
    expect(failed.map(({ busy }) => busy)).toEqual([true, true]);
    const noted = await statuses();
    expect([noted.get('tenant_c_00000003'), noted.get(own)]).toMatchObject([{ status: 'ready' }, { status: 'ready' }]);
    await holder.end();
    await database.sql(`alter database ${own} with allow_connections true`);
    await migrator().migrate();
    expect([...told].sort()).toEqual(everywhere());
  });
});

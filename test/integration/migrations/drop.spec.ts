import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { database as databaseModule } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

describe('dropping all that there is', () => {
  let database: TestDatabase;
  const [schema, left] = ['tenant_half_00000001', 'tenant_left_00000002'];
  const [own, half] = [`tenant_own_${randomUUID().slice(-8)}`, `tenant_half_${randomUUID().slice(-8)}`];
  beforeAll(async () => {
    database = await freshDatabase();
    const maker = new databaseModule.LocationMaker(database.urls);
    for (const each of [schema, left]) await maker.makeSchema(each);
    const places = [
      ['schema', null, schema, 'provisioning'],
      ['schema', null, left, 'retired'],
      ['database', own, 'tenant', 'ready'],
      ['database', half, 'tenant', 'provisioning'],
    ] as const;
    for (const [isolation, name, ...rest] of places) {
      const location = randomUUID();
      if (name !== null) await maker.makeDatabase({ server: 'main', database: name, location });
      await database.sql(
        `insert into core.locations (id, isolation, server, database_name, schema_name, status)
         values ($1, $2, 'main', $3, $4, $5)`,
        [location, isolation, name, ...rest],
      );
    }
  }, 60_000);
  afterAll(() => database.drop());

  it('takes what is half-made or was left too, and waits for who is still connected to a database', async () => {
    const url = Object.assign(new URL(database.urls.app), { pathname: `/${own}` });
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
    const leaves = sleep(700).then(() => client.end());
    const dropped = await new databaseModule.Migrator(database.urls, 'shared').drop();
    await leaves;
    expect(dropped).toEqual(expect.arrayContaining([schema, left, `main/${own}/tenant`, `main/${half}/tenant`]));
    expect(await database.sql('select from pg_database where datname = any ($1)', [[own, half]])).toEqual([]);
    expect(
      await database.sql(`select nspname from pg_namespace where nspname ~ '^(core|shared|tenancy|tenant_.*)$'`),
    ).toEqual([]);
  });
});

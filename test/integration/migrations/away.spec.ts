import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { database as databaseModule } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

describe('a fleet with a server that swallows connections', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  beforeAll(async () => {
    database = await freshDatabase();
    proxy = await TcpProxy.before(database.urls.owner);
    await database.sql(
      `insert into core.locations (id, isolation, server, database_name, schema_name, status)
       values (gen_random_uuid(), 'database', 'eu-1', 'tenant_away_00000001', 'tenant', 'ready')`,
    );
  });
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });

  it('is migrated everywhere else, and that place is told of', async () => {
    proxy.silence();
    const urls = { ...database.urls, servers: new Map([['eu-1', proxy.url]]) };
    const failure: unknown = await new databaseModule.Migrator(urls, 'shared')
      .migrate()
      .catch((error: unknown) => error);
    expect(String(failure)).toMatch(/eu-1\/tenant_away_00000001\/tenant: .*timeout/);
    const [place] = await database.sql(
      `select status, last_error is not null as told from core.locations where server = 'eu-1'`,
    );
    expect(place).toEqual({ status: 'ready', told: true });
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startApp } from '../../support/app.js';
import { AppModule, nest } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

/** What somebody added without a word on who may call it. */
@nest.Controller('fleet')
class FleetController {
  @nest.Get('vehicles') list(): string[] {
    return [];
  }
}

describe('an application that would not be safe does not start', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const start = async (on = database): Promise<void> => {
    const app = await startApp(on);
    await app.close();
  };

  it('with a route that declares nothing: names it, and says what to do', async () => {
    const whole = AppModule.forRoot.bind(AppModule);
    jest
      .spyOn(AppModule, 'forRoot')
      .mockImplementation(async (...given) => ({ ...(await whole(...given)), controllers: [FleetController] }));
    await expect(start()).rejects.toThrow(/FleetController\.list \(GET \/fleet\/vehicles\)[^]*@RequireAccess/);
  });

  it('with a table of tenants whose policies do not bind its owner: gives the statement', async () => {
    await database.sql('alter table shared.crm_leads no force row level security');
    await expect(start()).rejects.toThrow(
      /enabled and forced on shared\.crm_leads[^]*alter table shared\.crm_leads enable row level security, force row level security/,
    );
    await database.sql('alter table shared.crm_leads force row level security');
  });

  it('with an application’s login that owns a table: says how to hand it over', async () => {
    await database.sql('create table shared.notes (id uuid); alter table shared.notes owner to tenantry_app');
    await expect(start()).rejects.toThrow(/The application's login owns shared\.notes[^]*reassign owned by/);
    await database.sql('drop table shared.notes');
  });

  it('before its migrations: names them, and the command that applies them', async () => {
    const [last] = await database.sql<{ name: string; checksum: string }>(
      `delete from tenancy.migrations m using (select max(name) as name from tenancy.migrations where schema_name = 'shared') l
       where m.schema_name = 'shared' and m.name = l.name returning m.name, m.checksum`,
    );
    await expect(start()).rejects.toThrow(new RegExp(`pending \\(shared: ${last?.name ?? ''}\\).*tenantry migrate`));
    await database.sql(
      `insert into tenancy.migrations (schema_name, name, checksum, duration_ms) values ('shared', $1, $2, 0)`,
      [last?.name, last?.checksum],
    );
  });

  it('on a database that was never migrated: the same', async () => {
    const empty = await freshDatabase({ empty: true });
    await expect(start(empty)).rejects.toThrow(/pending \(core: Migration.*tenantry migrate/);
    await empty.drop();
  });

  it('and starts once all of it is mended', async () => {
    await expect(start()).resolves.toBeUndefined();
  });
});

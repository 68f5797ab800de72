import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmbeddedPostgres } from '../../../src/platform/database/embedded.js';
import { prepareCluster } from '../../../src/platform/database/logins.js';
import { database as databaseModule } from '../../support/dist.js';
import { query, Yard } from '../embedded/support.js';

const yard = new Yard();
const PASSWORDS = { owner: 'owner', app: 'app', platform: 'platform', mover: 'mover' };
const INSTALLATIONS = ['one', 'two', 'three'];

describe('the database that new ones are copied from', () => {
  let postgres: EmbeddedPostgres;
  let urls: { owner: string; app: string; platform: string }[];
  beforeAll(async () => {
    postgres = await yard.start(yard.path('postgres'), { settings: { fsync: 'off' } });
    urls = [];
    for (const name of INSTALLATIONS) {
      const made = await prepareCluster(postgres.superuserUrl('postgres'), PASSWORDS, name);
      urls.push({ owner: made.ownerUrl, app: made.appUrl, platform: made.platformUrl });
    }
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
    yard.clear();
  });

  it('is made once on a server, by whichever installation is first, while others make theirs', async () => {
    const makers = urls.map((each) => new databaseModule.LocationMaker(each));
    const newest = await databaseModule.newestMigration('tenant');
    const made = await Promise.all(
      makers.map((maker, n) => maker.makeDatabase({ server: 'main', database: `tenant_${String(n)}` })),
    );
    expect(made).toEqual(INSTALLATIONS.map(() => newest));
    const templates = await query(
      postgres.superuserUrl('postgres'),
      `select datistemplate, datallowconn from pg_database where datname like 'tenantry_template_%'`,
    );
    expect(templates).toEqual([{ datistemplate: true, datallowconn: false }]);
  });
});

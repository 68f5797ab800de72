import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../../src/platform/database/embedded.js';
import { prepareCluster } from '../../../src/platform/database/logins.js';
import { database as databaseModule } from '../../support/dist.js';
import { query, Yard } from '../embedded/support.js';

const yard = new Yard();
const PASSWORDS = { owner: 'owner', app: 'app', platform: 'platform', mover: 'mover' };
const INSTALLATIONS = ['one', 'two', 'three'];
const draftOf = (installation: string): string => createHash('sha256').update(installation).digest('hex').slice(0, 8);
const ownOf = (database: string) => ({ server: 'main', database, location: randomUUID() });

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
    const made = await Promise.all(makers.map((maker, n) => maker.makeDatabase(ownOf(`tenant_${String(n)}`))));
    expect(made).toEqual(INSTALLATIONS.map(() => newest));
    const templates = await query(
      postgres.superuserUrl('postgres'),
      `select datistemplate, datallowconn from pg_database where datname like 'tenantry_template_%'`,
    );
    expect(templates).toEqual([{ datistemplate: true, datallowconn: false }]);
  });

  it('takes the place of those of earlier versions, but of what is copied at the moment, or is not of this installation', async () => {
    const superuser = postgres.superuserUrl('postgres');
    const names = () =>
      query<{ name: string }>(
        superuser,
        `select datname as name from pg_database where datname like 'tenantry_template%'`,
      );
    const [maker] = urls.map((each) => new databaseModule.LocationMaker(each));
    await maker?.makeDatabase(ownOf('tenant_earlier'));
    const [current = { name: '' }] = await names();
    const template = (digit: string) => `tenantry_template_${digit.repeat(12)}`;
    const [silent, own, others, copied] = [template('0'), template('1'), template('2'), template('3')];
    // as a node that died while it made one has left it; as one of another installation is just being made
    const [ownDraft, othersDraft] = [`${own}_${draftOf('one')}`, `${own}_${draftOf('two')}`];
    for (const name of [silent, own, others, copied, ownDraft, othersDraft])
      await query(superuser, `create database ${name} owner tenantry_owner template template0 strategy wal_log`);
    await query(superuser, `comment on database ${own} is 'one'`);
    await query(superuser, `comment on database ${others} is 'two'`);
    await query(superuser, `alter database ${silent} with is_template true`);
    await query(superuser, `alter database ${current.name} with is_template false`);
    await query(superuser, `drop database ${current.name}`);
    const copier = new pg.Client(superuser);
    await copier.connect();
    // a lock on it, as who copies it has
    await copier.query(`begin; comment on database ${copied} is 'one'`);
    await maker?.makeDatabase(ownOf('tenant_later'));
    await copier.end();
    const left = (await names()).map(({ name }) => name).sort();
    expect(left).toEqual([others, copied, current.name, othersDraft].sort());
  });
});

import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../../support/app.js';
import { database as product, MoveRunner } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { checksumsOf } from '../../support/oracles.js';
import { environmentOf, tenantry } from '../cli/cli.js';

/** As after a backup of one was restored as the other: their tenants have the same codes and ids. */
describe('the databases of two installations on one server, whose tenants are the same', () => {
  let installations: TestDatabase[];
  beforeAll(async () => {
    installations = [await freshDatabase(), await freshDatabase()];
  }, 60_000);
  afterAll(async () => {
    await Promise.all(installations.map((each) => each.drop()));
  });

  const [mine, theirs] = [0, 1].map((at) => ({
    location: randomUUID(),
    maker: () => new product.LocationMaker(installations[at]?.urls ?? { app: '', platform: '' }),
  })) as [Side, Side];
  interface Side {
    readonly location: string;
    readonly maker: () => InstanceType<typeof product.LocationMaker>;
  }
  const make = ({ maker, location }: Side, database: string) =>
    maker().makeDatabase({ server: 'main', database, location });
  const drop = ({ maker, location }: Side, database: string) =>
    maker().dropDatabase({ server: 'main', database, location });
  const newName = () => `tenant_acme_${randomUUID().slice(-8)}`;
  const draftOf = ({ location }: Side) => `tenantry_draft_${location.replaceAll('-', '')}`;
  /** Of all databases with such names, whose they are. */
  const standing = async (...names: string[]) => {
    const rows = await installations[0]?.sql<{ name: string; mark: string }>(
      `select datname as name, shobj_description(oid, 'pg_database') as mark from pg_database where datname = any ($1)`,
      [[...names, draftOf(mine), draftOf(theirs)]],
    );
    return Object.fromEntries((rows ?? []).map(({ name, mark }) => [name, mark]));
  };
  const CONFLICT = { status: 409, detail: expect.stringContaining('is not this installation’s') };

  it('are each one’s own: the second does not get the first one’s, nor drops it', async () => {
    const name = newName();
    const migration = await make(mine, name);
    expect(await make(mine, name)).toBe(migration);
    await expect(make(theirs, name)).rejects.toMatchObject(CONFLICT);
    await drop(theirs, name);
    expect(await standing(name)).toEqual({ [name]: `location ${mine.location}` });
    await drop(mine, name);
    expect(await standing(name)).toEqual({});
  });

  it('are each one’s own where both make it at once', async () => {
    const name = newName();
    const made = await Promise.allSettled([make(mine, name), make(theirs, name)]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(made).toContainEqual({ status: 'rejected', reason: expect.objectContaining(CONFLICT) });
    const winner = made[0].status === 'fulfilled' ? mine : theirs;
    expect(await standing(name)).toEqual({ [name]: `location ${winner.location}` });
    await drop(winner, name);
  });

  it('are not taken where nobody has said whose they are', async () => {
    const name = newName();
    await installations[0]?.sql(`create database ${name} owner tenantry_owner`);
    await expect(make(mine, name)).rejects.toMatchObject(CONFLICT);
    await drop(mine, name);
    expect(await standing(name)).toEqual({ [name]: null });
    await installations[0]?.sql(`drop database ${name}`);
  });

  it('are marked by the next migration where they were made before there were marks', async () => {
    const name = newName();
    await make(mine, name);
    const sql = installations[0]?.sql ?? (() => Promise.resolve([]));
    await sql(`comment on database ${name} is null`);
    await sql(
      `insert into core.locations (id, isolation, server, database_name, schema_name, status) values ($1, 'database', 'main', $2, 'tenant', 'ready')`,
      [mine.location, name],
    );
    expect(await tenantry(['migrate'], { env: environmentOf(installations[0] as TestDatabase) })).toMatchObject({
      code: 0,
    });
    expect(await standing(name)).toEqual({ [name]: `location ${mine.location}` });
    await sql('delete from core.locations where id = $1', [mine.location]);
    await drop(mine, name);
  });

  it('leave nothing of a maker that died half-way', async () => {
    const name = newName();
    await installations[0]?.sql(`create database ${draftOf(mine)} owner tenantry_owner`);
    await drop(mine, name);
    expect(await standing(name)).toEqual({});
    await installations[0]?.sql(`create database ${draftOf(mine)} owner tenantry_owner`);
    await make(mine, name);
    expect(await standing(name)).toEqual({ [name]: `location ${mine.location}` });
    await drop(mine, name);
  });

  describe('by the command line', () => {
    const at = (which: 0 | 1): TestDatabase => installations[which] as TestDatabase;
    const run = (which: 0 | 1, ...args: string[]) => tenantry([...args, '--json'], { env: environmentOf(at(which)) });
    const whereabouts = (code: string) =>
      at(1).sql(
        `select l.isolation, o.deleted_at is null as living from core.organizations o
           left join core.locations l on l.id = o.location_id where o.tenant_code = $1`,
        [code],
      );
    const REFUSAL = expect.stringContaining('is not this installation’s');

    it('a move to what is the first one’s fails, and the second one’s tenant stays where it is', async () => {
      const moved = await run(0, 'tenant:move', 'testcorp', '--to', 'database');
      expect([moved.code, moved.document()]).toMatchObject([0, { status: 'done' }]);
      const [theirs, own] = await Promise.all([checksumsOf(at(0)), at(1).sql('select * from shared.boards')]);
      const { code, document } = await run(1, 'tenant:move', 'testcorp', '--to', 'database');
      expect([code, document()]).toMatchObject([1, { status: 'failed', error: REFUSAL }]);
      expect(await whereabouts('testcorp')).toEqual([{ isolation: 'shared', living: true }]);
      expect(await at(1).sql('select * from shared.boards')).toEqual(own);
      expect(await checksumsOf(at(0))).toEqual(theirs);
    });

    it('nobody is restored into what is the first one’s, nor lets go of it with his own', async () => {
      const options = ['--tier', 'enterprise', '--isolation', 'database'];
      const made = ['tenant:create', '--code', 'newco', '--name', 'New', '--admin-email', 'a@newco.test', ...options];
      const file = join(tmpdir(), `${randomUUID()}.archive`);
      expect(await run(0, ...made)).toMatchObject({ code: 0, err: '' });
      expect(await run(0, 'tenant:export', 'newco', '--file', file)).toMatchObject({ code: 0 });
      const theirs = await checksumsOf(at(0));
      const restore = ['tenant:restore', '--file', file];
      const refused = await run(1, ...restore);
      expect([refused.code, refused.err]).toEqual([1, REFUSAL]);
      expect(await whereabouts('newco')).toEqual([{ isolation: null, living: false }]);
      expect(await run(1, 'tenant:delete', 'newco', '--purge', '--confirm', 'newco')).toMatchObject({ code: 0 });
      expect(await whereabouts('newco')).toEqual([]);
      expect(await checksumsOf(at(0))).toEqual(theirs);
    });

    it('a move to one of that name which says of nobody whose it is fails, and nobody drops it', async () => {
      const [{ id } = { id: '' }] = await at(1).sql<{ id: string }>(
        `select id from core.organizations where tenant_code = 'globex'`,
      );
      const name = `tenant_globex_${id.slice(-8)}`;
      await at(1).sql(`create database ${name} owner tenantry_owner`);
      const { code, document } = await run(1, 'tenant:move', 'globex', '--to', 'database');
      expect([code, document()]).toMatchObject([1, { status: 'failed', error: REFUSAL }]);
      const app = await startApp(at(1));
      const retired = `select from core.locations where database_name = $1 and status = 'retired'`;
      while ((await at(1).sql(retired, [name])).length === 0) await app.app.get(MoveRunner).sweep();
      await app.app.close();
      expect(await standing(name)).toEqual({ [name]: null });
      await at(1).sql(`drop database ${name}`);
    });

    it('a move back to what somebody else has put in its place fails, and says so', async () => {
      expect(await run(0, 'tenant:move', 'testcorp', '--to', 'shared')).toMatchObject({ code: 0 });
      const [{ name } = { name: '' }] = await at(0).sql<{ name: string }>(
        `select database_name as name from core.locations where database_name like 'tenant_testcorp%'`,
      );
      await at(0).sql(`comment on database ${name} is 'location ${randomUUID()}'`);
      const { code, document } = await run(0, 'tenant:move', 'testcorp', '--to', 'database');
      expect([code, document()]).toMatchObject([1, { status: 'failed', error: REFUSAL }]);
      await at(0).sql(`drop database ${name} with (force)`);
    });
  });
});

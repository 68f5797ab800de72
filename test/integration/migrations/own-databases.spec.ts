import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { database as product } from '../../support/dist.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

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
    expect(await standing(name)).toEqual({ [name]: null });
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
});

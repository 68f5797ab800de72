import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmbeddedPostgres } from '../../../src/platform/database/embedded.js';
import { prepareCluster } from '../../../src/platform/database/logins.js';
import type { LoginUrls } from '../../../src/platform/database/logins.js';
import { query, Yard } from './support.js';

const yard = new Yard();
const passwords = { owner: "o'wner", app: 'a%p@p:/', platform: 'plätform', mover: 'möver' };
let postgres: EmbeddedPostgres;
let urls: LoginUrls;

beforeAll(async () => {
  postgres = await yard.start(yard.path('postgres'), { settings: { fsync: 'off' } });
  const admin = postgres.superuserUrl('postgres');
  [urls] = await Promise.all([prepareCluster(admin, passwords), prepareCluster(admin, passwords)]);
});
afterAll(async () => {
  await postgres.stop();
  yard.clear();
});

describe('the logins of a prepared cluster', () => {
  it('are four that open the database and pass no wall', async () => {
    for (const url of [urls.ownerUrl, urls.appUrl, urls.platformUrl, urls.moverUrl]) {
      const [role] = await query(
        url,
        `select rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcreatedb = (rolname = 'tenantry_owner') as right_to_create,
                current_database() as database from pg_roles where rolname = current_user`,
      );
      expect(role).toEqual({
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolreplication: false,
        right_to_create: true,
        database: 'tenantry',
      });
    }
  });

  it('let the owner make schemas, and the others nothing, not even temporary tables', async () => {
    await query(urls.ownerUrl, 'create schema core; create table core.things (id int)');
    for (const url of [urls.appUrl, urls.platformUrl]) {
      for (const sql of [
        'create schema mine',
        'create table public.mine (id int)',
        'create temporary table mine (id int)',
        'select * from core.things',
        'create database mine',
      ]) {
        await expect(query(url, sql)).rejects.toMatchObject({ code: '42501' });
      }
    }
  });

  it('let the mover work as the application does, and keep rows on the way in temporary tables', async () => {
    const [role] = await query(
      urls.moverUrl,
      `select pg_has_role('tenantry_app', 'usage') as works_as, pg_has_role('tenantry_app', 'set') as becomes`,
    );
    expect(role).toEqual({ works_as: true, becomes: false });
    await query(urls.moverUrl, 'create temporary table mine (id int)');
    for (const sql of ['create schema mine', 'create database mine', 'select * from core.things'])
      await expect(query(urls.moverUrl, sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('keep out any other login', async () => {
    await query(postgres.superuserUrl('postgres'), "create role stranger login password 'x'");
    const url = new URL(urls.appUrl);
    url.username = 'stranger';
    url.password = 'x';
    await expect(query(url.href, 'select 1')).rejects.toThrow(/permission denied for database/);
  });

  it('take a changed password at the next start, and another database beside the first', async () => {
    const changed = await prepareCluster(postgres.superuserUrl('postgres'), { ...passwords, app: 'new' }, 'tenantry_2');
    expect(await query(changed.appUrl, 'select current_database() as name')).toEqual([{ name: 'tenantry_2' }]);
    await expect(query(urls.appUrl, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(await query(urls.ownerUrl, 'select count(*)::int as count from core.things')).toEqual([{ count: 0 }]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.js';
import type { Client } from '../../support/client.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';
import { faultsOfConnections } from '../../support/oracles.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

/** testcorp in a database of its own, on a server behind a proxy; globex in the main database. */
describe('requests of a tenant that has its own database', () => {
  let main: TestDatabase;
  let own: TestDatabase;
  let proxy: TcpProxy;
  let app: TestApp;
  let testcorp: Client;
  let globex: Client;
  beforeAll(async () => {
    [main, own] = await Promise.all([freshDatabase(), freshDatabase()]);
    await main.sql(
      `with location as (
         insert into core.locations (id, isolation, server, database_name, schema_name, status, migration)
         select gen_random_uuid(), 'database', 'eu-1', $1, 'shared', 'ready', migration from core.locations where isolation = 'shared' returning id)
       update core.organizations set location_id = location.id from location where tenant_code = 'testcorp'`,
      [own.name],
    );
    await own.sql(`update shared.crm_leads set company = 'Own database'`);
    proxy = await TcpProxy.before(main.urls.owner);
    const urls = { ...main.urls, servers: new Map([['eu-1', proxy.url]]) };
    app = await startApp({ ...main, urls }, { TENANT_MAX_CONNECTIONS: '3' });
    [testcorp, globex] = await Promise.all([app.signIn('admin@testcorp.com'), app.signIn('admin@globex.com')]);
  });
  afterAll(async () => {
    await app.close();
    await proxy.close();
    await Promise.all([own.drop(), main.drop()]);
  });

  const companies = async (client: Client): Promise<Set<unknown>> => {
    const { body } = await client.get('/crm/leads?limit=50');
    return new Set((body as { items: { company: unknown }[] }).items.map(({ company }) => company));
  };

  it('read and write there, by statements and by entities', async () => {
    expect(await companies(testcorp)).toEqual(new Set(['Own database']));
    expect((await companies(globex)).has('Own database')).toBe(false);
    const writes = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => testcorp.post('/crm/leads', { name: `Lead ${String(n)}` })),
      testcorp.post('/boards', { board_code: 'own', board_name: 'Own' }),
    ]);
    expect(new Set(writes.map(({ status }) => status))).toEqual(new Set([201]));
    const written = `select from shared.crm_leads where name like 'Lead %'`;
    expect([await own.sql(written), await main.sql(written)].map((rows) => rows.length)).toEqual([20, 0]);
    expect(await faultsOfConnections(app.app, own)).toEqual([]);
  });

  it('are told to come again while its server is away; others are served, and so is it when the server is back', async () => {
    proxy.refuse();
    const ask = () =>
      Promise.all([
        testcorp.get('/crm/leads'),
        testcorp.get('/boards'),
        testcorp.post('/boards', { board_code: 'lost', board_name: 'Lost' }),
      ]);
    // on connections that were cut, while one tries, and without a try
    for (const { status, headers } of [...(await ask()), ...(await ask()), ...(await ask())]) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('2');
    }
    expect((await globex.get('/crm/leads')).status).toBe(200);
    proxy.forward();
    while ((await testcorp.get('/crm/leads')).status !== 200) await sleep(50);
    expect((await testcorp.get('/boards')).status).toBe(200);
  });
});

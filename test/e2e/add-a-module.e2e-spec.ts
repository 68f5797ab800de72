import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import type { Client } from '../support/client.js';
import { Server } from '../support/server.js';
import { Checkout, readGuide } from './add-a-module.js';

const MOST_LINES = 60;
const REGISTRY = 'src/platform/access/modules.ts';
const BUILD_MS = 120_000;

const withCurl = spawnSync('curl', ['--version']).status === 0 ? it : it.skip;

/** Follows the guide in a copy of the project, as somebody would who adds his first module. */
describe('docs/add-a-module.md', () => {
  const guide = readGuide('docs/add-a-module.md');
  let checkout: Checkout;
  let database: TestDatabase;
  let server: Server | undefined;
  let environment: Record<string, string>;
  beforeAll(async () => {
    [checkout, database] = await Promise.all([Checkout.copy(), freshDatabase()]);
    const { owner, app, platform } = database.urls;
    environment = {
      ENVIRONMENT: 'test',
      SECRET_KEY: 'a secret for tests alone, of 32 and more characters',
      ENCRYPTION_KEY: 'another secret for tests alone, of 32 and more',
      DATABASE_URL: owner,
      DATABASE_APP_URL: app,
      DATABASE_PLATFORM_URL: platform,
    };
  });
  afterAll(async () => {
    await server?.stop();
    await database.drop();
    await checkout.remove();
  });

  it(`makes a module of at most ${String(MOST_LINES)} lines in one folder, and one line elsewhere`, () => {
    const [folder] = [...guide.files.keys()].map((file) => file.split('/').slice(0, -1).join('/'));
    expect(folder).toMatch(/^src\/business\/[a-z_]+$/);
    expect([...guide.files.keys()].filter((file) => !file.startsWith(`${String(folder)}/`))).toEqual([]);
    const lines = [...guide.files.values()].flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(MOST_LINES);
    expect(guide.inserts.map(({ file, text }) => ({ file, lines: text.trim().split('\n').length }))).toEqual([
      { file: REGISTRY, lines: 1 },
    ]);
    expect([...guide.files.values()].join('\n')).not.toMatch(/organization|tenant/i);
  });

  it(
    'is followed word by word: it compiles, its migration is made and applied, and nothing else is touched',
    async () => {
      const before = checkout.state();
      for (const { file, before: line, text } of guide.inserts) await checkout.insert(file, line, text);
      for (const [file, text] of guide.files) await checkout.write(file, text);

      const [create = '', ...rest] = guide.commands;
      expect(create).toMatch(/^npm run cli -- migrate:create /);
      expect(await checkout.type(create, environment)).toContain('✓ Wrote migrations/tenant/Migration');
      const after = checkout.state();
      const changed = [...after].filter(([path, sum]) => before.get(path) !== sum).map(([path]) => path);
      const migration = changed.find((path) => /^migrations\/tenant\/Migration\d{14}_fleet\.ts$/.test(path)) ?? '';
      expect(changed.sort()).toEqual(
        [REGISTRY, 'migrations/tenant/.snapshot.json', migration, ...guide.files.keys()].sort(),
      );
      const sql = await checkout.read(migration);
      expect(sql).toContain('create table "fleet_vehicles"');
      expect(sql).toMatch(/force row level security/);
      expect(sql).toMatch(/create policy/i);

      // what `npm run cli` builds again for each command differs by this one file
      const { outputText } = ts.transpileModule(sql, {
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
      });
      await checkout.write(`dist/${migration.replace(/\.ts$/, '.js')}`, outputText);
      for (const command of rest)
        await checkout.type(command.replace('npm run cli --', `"${process.execPath}" dist/src/cli.js`), environment);
      expect(await database.everywhere('select from fleet_vehicles')).toEqual([]);
      const held = await database.sql(
        `select from core.role_permissions rp join core.roles r on r.id = rp.role_id join core.permissions p on p.id = rp.permission_id
       where r.role_code = 'admin' and p.permission_code like 'fleet%'`,
      );
      expect(held.length).toBeGreaterThan(0);
    },
    BUILD_MS,
  );

  it('leaves no drift behind', async () => {
    const checked = await checkout.type(`"${process.execPath}" dist/src/cli.js migrate:check`, environment);
    expect(checked).toContain('No drift.');
  });

  it('starts', async () => {
    server = await Server.start(checkout.path('.data'), environment, checkout.path('dist/src/main.js'));
  });

  withCurl('is tried as it says', async () => {
    const [trial = ''] = guide.trials;
    const printed = await checkout.type(trial.replaceAll('http://127.0.0.1:3000', server?.url ?? ''), {});
    expect(printed).toMatch(/^HTTP\/1\.1 201 /);
    expect(JSON.parse(printed.slice(printed.lastIndexOf('{"items"')))).toMatchObject({
      items: [{ name: 'The blue van', plate: 'B-XY 12', status: 'ready', tags: ['van'] }],
      total: 1,
    });
  });

  describe('makes a module that is whole:', () => {
    let admin: Client;
    let van: { id: string; name: string; version: number };
    beforeAll(async () => {
      await database.sql(
        `update core.organizations set enabled_modules = enabled_modules || '{"fleet": true}' where tenant_code = 'testcorp'`,
      );
      await database.everywhere('delete from fleet_vehicles');
      admin = await client('admin@testcorp.com');
    });
    const client = (email: string): Promise<Client> => {
      if (server === undefined) throw new Error('the server did not start');
      return server.client.signIn(email);
    };

    it('create, get, list, filter, search and sort', async () => {
      const made = await admin.post('/fleet/vehicles', { name: 'Van', plate: 'A-1' });
      expect(made).toMatchObject({ status: 201, body: { name: 'Van', status: 'ready', version: 1 } });
      van = made.body as typeof van;
      expect((await admin.get(`/fleet/vehicles/${van.id}`)).body).toEqual(van);
      await admin.post('/fleet/vehicles', { name: 'Lorry', plate: 'B-2' });
      const names = async (query: string): Promise<string[]> =>
        ((await admin.get(`/fleet/vehicles?${query}`)).body as { items: { name: string }[] }).items.map(
          ({ name }) => name,
        );
      expect(await names('sort=name')).toEqual(['Lorry', 'Van']);
      expect(await names('plate=B-2')).toEqual(['Lorry']);
      expect(await names('q=van')).toEqual(['Van']);
      expect((await admin.get('/fleet/vehicles?colour=blue')).status).toBe(422);
    });

    it('PATCH with ETag, along its states alone', async () => {
      const stale = await admin.patch(`/fleet/vehicles/${van.id}`, { plate: 'C-3' }, { 'if-match': '"7"' });
      expect(stale).toMatchObject({ status: 412, body: { code: 'stale' } });
      const moved = await admin.patch(`/fleet/vehicles/${van.id}`, { status: 'on_the_road' }, { 'if-match': '"1"' });
      expect(moved).toMatchObject({ status: 200, body: { status: 'on_the_road', version: 2 } });
      const jumped = await admin.patch(`/fleet/vehicles/${van.id}`, { status: 'sold' });
      expect(jumped).toMatchObject({ status: 422, body: { errors: [{ path: 'status' }] } });
    });

    it('bulk and CSV', async () => {
      const { status } = await admin.post('/fleet/vehicles/bulk', {
        items: [{ name: '=1+1' }, { id: van.id, name: 'Old van' }],
      });
      expect(status).toBe(200);
      const { headers, text } = await admin.get('/fleet/vehicles.csv?sort=name');
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const [heading = '', ...lines] = text.trim().split(/\r?\n/);
      expect(heading).toContain('plate');
      expect(lines.map((line) => /'=1\+1|Lorry|Old van/.exec(line)?.[0])).toEqual(["'=1+1", 'Lorry', 'Old van']);
    });

    it('delete and restore', async () => {
      expect((await admin.delete(`/fleet/vehicles/${van.id}`)).status).toBe(204);
      expect((await admin.get(`/fleet/vehicles/${van.id}`)).status).toBe(404);
      expect(await admin.post(`/fleet/vehicles/${van.id}/restore`)).toMatchObject({
        status: 200,
        body: { name: 'Old van', deleted_at: null },
      });
    });

    it('refuses by the three layers, and keeps tenants apart', async () => {
      const acme = await client('admin@acme.com');
      expect(await acme.get('/fleet/vehicles')).toMatchObject({
        status: 403,
        body: { code: 'not_entitled', layer: 'entitlement', reason: 'not_in_plan' },
      });
      const viewer = await client('viewer@testcorp.com');
      expect(await viewer.post('/fleet/vehicles', { name: 'Mine' })).toMatchObject({
        status: 403,
        body: { layer: 'permission', required: 'fleet_vehicles_create' },
      });
      await database.sql(
        `update core.organizations set enabled_modules = enabled_modules || '{"fleet": true}' where tenant_code = 'acme'`,
      );
      for (const until = Date.now() + 2_000; Date.now() < until && (await acme.get('/fleet/vehicles')).status !== 200;);
      expect((await acme.get('/fleet/vehicles')).body).toMatchObject({ items: [] });
      expect((await acme.get(`/fleet/vehicles/${van.id}`)).status).toBe(404);
    });

    it('audit, and its part of the OpenAPI document', async () => {
      const entries = await database.everywhere<{ action: string }>(
        `select action from audit_log where resource = 'fleet_vehicles' and resource_id = $1 order by at, id`,
        [van.id],
      );
      expect(entries.map(({ action }) => action)).toEqual(['create', 'update', 'update', 'delete', 'restore']);
      const { paths } = (await admin.get('//docs-json')).body as { paths: Record<string, object> };
      expect(
        Object.keys(paths)
          .filter((path) => path.includes('/fleet/'))
          .sort(),
      ).toEqual([
        '/api/v1/fleet/vehicles',
        '/api/v1/fleet/vehicles.csv',
        '/api/v1/fleet/vehicles/bulk',
        '/api/v1/fleet/vehicles/{vehicle_id}',
        '/api/v1/fleet/vehicles/{vehicle_id}/restore',
      ]);
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idsOf, NOBODY, refused, tenantsWorld, type TenantsWorld } from './tenants-world.js';

describe('tenants', () => {
  let world: TenantsWorld;
  beforeAll(async () => {
    world = await tenantsWorld();
  });
  afterAll(() => world.close());

  describe('are read', () => {
    it('by their own people, who see no other', async () => {
      const { admin, testcorp, globex } = world;
      const viewer = await world.app.signIn('viewer@testcorp.com');
      for (const client of [admin, viewer]) {
        expect(idsOf(await client.get('/tenants'))).toEqual([testcorp.id]);
        expect((await client.get(`/tenants/${testcorp.id}`)).body).toMatchObject({ tenant_code: 'testcorp' });
        expect((await client.get('/tenants/code/TestCorp')).body).toMatchObject({ id: testcorp.id });
        for (const path of [globex.id, NOBODY, 'code/globex', 'code/nobody', 'code/x', 'code/a.b'])
          refused(await client.get(`/tenants/${path}`), 404, 'not_found');
        refused(await client.get('/tenants/not-an-id'), 422, 'validation_failed', 'tenant_id');
      }
      expect((await admin.get('/tenants?tenant_code=globex')).body).toMatchObject({ items: [], next_cursor: null });
      expect((await admin.get('/tenants?q=globex&with_total=true')).body).toMatchObject({ items: [], total: 0 });
      expect(idsOf(await admin.get('/tenants?is_deleted=true'))).toEqual([]);
      const executive = await world.app.signIn('executive@testcorp.com');
      for (const path of ['', `/${testcorp.id}`, '/code/testcorp'])
        refused(await executive.get(`/tenants${path}`), 403, 'permission_denied');
      refused(await world.app.anonymous.get('/tenants'), 401, 'unauthenticated');
    });

    it('by the platform, all of them, whatever tenant it names', async () => {
      const { root, globex, testcorp } = world;
      for (const client of [root, root.with({ 'x-tenant': 'testcorp' })]) {
        expect(idsOf(await client.get('/tenants')).length).toBeGreaterThanOrEqual(5);
        for (const { id, code } of [globex, testcorp]) {
          expect((await client.get(`/tenants/${id}`)).body).toMatchObject({ id });
          expect((await client.get(`/tenants/code/${code}`)).body).toMatchObject({ id });
        }
      }
    });

    it('with their ETag, by code too', async () => {
      for (const path of [`/tenants/${world.globex.id}`, '/tenants/code/globex']) {
        const etag = (await world.root.get(path)).headers.get('etag') ?? '';
        expect(etag).toMatch(/^"\d+"$/);
        expect(await world.root.get(path, { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
      }
    });

    it('filtered, sorted, searched, counted and by cursor', async () => {
      const { root } = world;
      const codes = async (query: string): Promise<string[]> => {
        const { body } = await root.get(`/tenants?${query}`);
        return (body as { items: { tenant_code: string }[] }).items.map((each) => each.tenant_code);
      };
      expect(await codes('license_tier=starter&sort=tenant_code')).toEqual(['globex', 'umbrella']);
      expect(await codes('status=suspended')).toEqual(['umbrella']);
      expect(await codes('tenant_code=ACME,globex&sort=-tenant_code')).toEqual(['globex', 'acme']);
      const { isolation } = (await root.get('/tenants/code/globex')).body as { isolation: string };
      for (const other of ['shared', 'schema', 'database'].filter((each) => each !== isolation))
        expect(await codes(`isolation=${other}`)).toEqual([]);
      expect(await codes('q=industries')).toEqual(['acme']);
      expect(await codes('is_active=false')).toEqual(['umbrella']);
      const demo = `isolation=${isolation}&sort=tenant_code`;
      const all = await codes(demo);
      const { body: page } = await root.get(`/tenants?${demo}&limit=2&with_total=true`);
      expect(page).toMatchObject({ total: all.length, items: all.slice(0, 2).map((tenant_code) => ({ tenant_code })) });
      const cursor = (page as { next_cursor: string }).next_cursor;
      expect(await codes(`${demo}&limit=2&cursor=${cursor}`)).toEqual(all.slice(2, 4));
      refused(await root.get(`/tenants?sort=tenant_code&status=active&cursor=${cursor}`), 422, 'validation_failed');
      for (const query of ['settings=x', 'q=x', 'sort=settings', 'epoch=1', 'location_id=x', 'nonsense=1'])
        refused(await root.get(`/tenants?${query}`), 422, 'validation_failed', query.split('=')[0]);
    });
  });
});

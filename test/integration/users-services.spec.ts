import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { users } from '../support/dist.js';
import { planeOf } from '../support/plane.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

describe('the services of users for the product’s own code', () => {
  let app: TestApp;
  let home: Tenant;
  let other: Tenant;
  const service = () => app.app.get(users.UsersService);
  const roles = () => app.app.get(users.UserRolesService);
  const as = <T>(tenant: Tenant, work: () => Promise<T>): Promise<T> => planeOf(app.app).tenancy.run(tenant.id, work);
  beforeAll(async () => {
    app = await startApp();
    home = await tenantOf(app.database, 'testcorp');
    other = await tenantOf(app.database, 'globex');
  });
  afterAll(() => app.close());

  it('find members of the tenant alone, in whatever case', async () => {
    await as(home, async () => {
      const admin = await service().getById(home.adminId);
      expect(admin).toMatchObject({ username: 'admin', role_codes: ['admin'], is_company_admin: true });
      expect(await service().findByUsername('ADMIN')).toEqual(admin);
      expect(await service().findByEmail('Admin@testcorp.com')).toEqual(admin);
      expect(await service().findByEmail('admin@globex.com')).toBeUndefined();
      expect(await service().findById(other.adminId)).toBeUndefined();
      await expect(service().getById(other.adminId)).rejects.toMatchObject({ status: 404 });
      expect((await service().listActive()).map(({ tenant_id: id }) => id)).toEqual(
        Array.from({ length: 5 }, () => home.id),
      );
      expect(await service().listActive(2)).toHaveLength(2);
    });
  });

  it('verify a password of a member of the tenant', async () => {
    await as(home, async () => {
      expect(await service().verifyPassword('admin@testcorp.com', 'password123')).toBe(true);
      expect(await service().verifyPassword(home.adminId, 'password123')).toBe(true);
      expect(await service().verifyPassword(home.adminId, 'password124')).toBe(false);
      expect(await service().verifyPassword(other.adminId, 'password123')).toBe(false);
    });
  });

  it('create, change, suspend, delete and remove as the routes do', async () => {
    const joined: unknown[] = [];
    app.app.get(users.NewMembers).onJoin((member) => Promise.resolve(void joined.push(member)));
    await as(home, async () => {
      const user = await service().create({ username: 'coded', email: 'coded@x.example', role_codes: ['viewer'] });
      expect(user).toMatchObject({ status: 'inactive', role_codes: ['viewer'] });
      expect(joined).toEqual([{ userId: user.id, email: 'coded@x.example', isInvited: true }]);
      await expect(service().create({ username: 'coded', email: 'no' })).rejects.toMatchObject({ status: 422 });
      expect(await service().activate(user.id)).toMatchObject({ status: 'active' });
      expect(await service().update(user.id, { phone: '+1 234' })).toMatchObject({ phone: '+1 234' });
      expect(await service().suspend(user.id)).toMatchObject({ status: 'suspended' });
      await service().softDelete(user.id);
      expect(await service().findById(user.id)).toBeUndefined();
      await service().hardDelete(user.id);
      expect(await app.database.sql('select 1 from core.users where id = $1', [user.id])).toEqual([]);
    });
  });

  it('undo the user when what greets him fails', async () => {
    app.app
      .get(users.NewMembers)
      .onJoin(({ email }) => (email === 'unlucky@x.example' ? Promise.reject(new Error('no')) : Promise.resolve()));
    await as(home, () =>
      expect(service().create({ username: 'unlucky', email: 'unlucky@x.example' })).rejects.toThrow('no'),
    );
    expect(await app.database.sql(`select 1 from core.users where username = 'unlucky'`)).toEqual([]);
    expect(await app.database.sql(`select 1 from core.audit_log where changes::text like '%unlucky%'`)).toEqual([]);
  });

  it('know roles and permissions', async () => {
    await as(home, async () => {
      const viewer = (await service().findByUsername('viewer'))?.id ?? '';
      expect(await roles().hasRole(viewer, 'Viewer')).toBe(true);
      expect(await roles().hasRole(viewer, 'admin')).toBe(false);
      expect(await roles().hasPermission(viewer, 'crm_leads_read')).toBe(true);
      expect(await roles().hasPermission(viewer, 'crm_leads_update')).toBe(false);
      expect(await roles().hasPermission(other.adminId, 'crm_leads_read')).toBe(false);
      expect((await roles().permissionsOf(viewer)).length).toBeGreaterThan(20);
      expect(await roles().rolesOf(viewer)).toMatchObject([{ role_code: 'viewer' }]);
      const [editor] = await app.database.sql<{ id: string }>(
        `select id from core.roles where role_code = 'editor' and organization_id is null`,
      );
      expect(await roles().give(viewer, editor?.id ?? '')).toMatchObject({ isNew: true });
      await roles().take(viewer, editor?.id ?? '');
      expect(await roles().rolesOf(viewer)).toHaveLength(1);
    });
  });
});

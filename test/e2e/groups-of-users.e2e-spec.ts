import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Answer, Client } from '../support/client.js';
import { refused, START_MS } from '../support/control-plane.js';
import { MenusService, PlatformUnit, UserGroupsService } from '../support/dist.js';
import { planeOf } from '../support/plane.js';
import { type Group, GroupsWorld } from './groups-world.js';

describe('the groups that people are in', () => {
  const world = new GroupsWorld();
  const { clients, tenant, other, sql, user, create, system, members, stored } = world;
  beforeAll(world.start, START_MS);
  afterAll(world.stop);

  describe('of the system', () => {
    it('are there in every tenant from its first day on, with its users among the regular ones', async () => {
      const groups = await sql<{ n: string }>(
        `select count(*) as n from core.user_groups where group_type = 'system' and deleted_at is null group by organization_id`,
      );
      expect(groups.map(({ n }) => Number(n))).toEqual(
        (await sql('select from core.organizations where deleted_at is null')).map(() => 4),
      );
      expect((await members(await system('regular_users'))).map(({ username }) => username).sort()).toEqual([
        'admin',
        'editor',
        'executive',
        'manager',
        'viewer',
      ]);
    });

    it('have all living members of the tenant in all_members, guests too, and nobody else', async () => {
      const all = await system('all_members');
      await sql('insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)', [
        tenant.id,
        other.adminId,
      ]);
      try {
        const expected = await sql<{ id: string }>(
          `select u.id from core.users u where u.deleted_at is null and (u.organization_id = $1 or u.id = $2)`,
          [tenant.id, other.adminId],
        );
        const seen = await members(all, 'limit=500');
        expect(seen.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
        expect(await stored(all)).toEqual([]);
      } finally {
        await sql('delete from core.user_tenant_associations where organization_id = $1 and user_id = $2', [
          tenant.id,
          other.adminId,
        ]);
      }
    });

    it('take and lose nobody by hand in all_members', async () => {
      const all = await system('all_members');
      const path = `/user-groups/${all}/members`;
      for (const answer of [
        await clients.admin.post(path, { user_id: user('viewer') }),
        await clients.admin.delete(`${path}/${user('viewer')}`),
      ])
        refused(answer, 422, 'validation_failed', 'group_id', 'computed_group');
      expect(await stored(all)).toEqual([]);
    });
  });

  describe('of a user', () => {
    const groupsOf = (name: string, client: Client, query = '') => client.get(`/users/${user(name)}/groups?${query}`);
    const codes = ({ body }: Answer) => (body as { items: Group[] }).items.map(({ group_code: code }) => code).sort();

    it('are shown to himself without any permission, that of all members among them', async () => {
      const group = await create({ group_code: 'of_executive' });
      await clients.admin.post(`/user-groups/${group.id}/members`, { user_id: user('executive') });
      const among = 'group_code=all_members,of_executive,regular_users,vip_users';
      const expected = ['all_members', 'of_executive', 'regular_users'];
      for (const client of [clients.executive, clients.admin, clients.platform])
        expect(codes(await groupsOf('executive', client, among))).toEqual(expected);
      const custom = await groupsOf('executive', clients.executive, `${among}&group_type=custom`);
      expect(codes(custom)).toEqual(['of_executive']);
      refused(await groupsOf('executive', clients.executive, 'nonsense=1'), 422, 'validation_failed', 'nonsense');
    });

    it('need user_read for another, and one in reach', async () => {
      expect(await groupsOf('viewer', clients.executive)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied', required: 'user_read' },
      });
      expect((await groupsOf('executive', clients.manager)).status).toBe(200);
      refused(await groupsOf('viewer', clients.manager), 404, 'not_found');
      for (const id of [other.adminId, randomUUID()])
        refused(await clients.admin.get(`/users/${id}/groups`), 404, 'not_found');
      refused(await clients.admin.get('/users/me/groups'), 422, 'validation_failed', 'user_id');
    });

    it('show the deleted groups to nobody without group_manage', async () => {
      refused(await groupsOf('executive', clients.executive, 'is_deleted=true'), 403, 'permission_denied');
    });
  });

  describe('as other features ask', () => {
    const groups = () => world.app.app.get(UserGroupsService);
    const run = <T>(work: () => Promise<T>): Promise<T> => planeOf(world.app.app).tenancy.run(tenant.id, work);

    it('are found by id and by code, with their members, whoever asks', async () => {
      const { id } = await create({ group_code: 'Asked_For' });
      await run(async () => {
        expect(await groups().getById(id)).toMatchObject({ id });
        expect(await groups().getByCode('ASKED_FOR')).toMatchObject({ id });
        await expect(groups().getByCode('nobodys')).rejects.toMatchObject({ code: 'not_found' });
        expect((await groups().list('q=asked_for')).items).toHaveLength(1);
        expect(await groups().addMember(id, user('viewer'))).toBe(true);
        expect(await groups().addMember(id, user('viewer'))).toBe(false);
        await expect(groups().addMember(id, other.adminId)).rejects.toMatchObject({ code: 'validation_failed' });
        expect(await groups().membersOf(id)).toEqual([user('viewer')]);
        expect(await groups().membersOf(await system('all_members'))).toContain(user('viewer'));
        expect(await groups().isMember(id, user('viewer'))).toBe(true);
        expect(await groups().isMember(id, user('editor'))).toBe(false);
        const ids = await groups().groupIdsOf(user('viewer'));
        expect(ids).toEqual(expect.arrayContaining([id, await system('all_members')]));
        expect(ids.sort()).toEqual((await groups().groupsOf(user('viewer'))).items.map((each) => each.id).sort());
        expect(await groups().groupIdsOf(other.adminId)).toEqual([]);
        await groups().removeMember(id, user('viewer'));
        await expect(groups().removeMember(id, user('viewer'))).rejects.toMatchObject({ code: 'not_found' });
      });
    });

    it('are made for a tenant in the transaction that makes it, once, with their entries', async () => {
      const unit = world.app.app.get(PlatformUnit);
      const organization = randomUUID();
      const person = randomUUID();
      const counts = () =>
        sql(
          `select (select count(*)::int from core.user_groups where organization_id = $1) as groups,
             (select count(*)::int from core.user_group_members where organization_id = $1) as links,
             (select count(*)::int from core.menus where organization_id = $1) as menus,
             (select count(*)::int from core.audit_log where organization_id = $1) as entries`,
          [organization],
        );
      const make = () =>
        unit.transaction(async () => {
          await groups().makeDefaults(unit, organization);
          await world.app.app.get(MenusService).makeDefaults(unit, organization);
          await groups().joinRegularUsers(unit, organization, person);
        });
      await sql(
        `insert into core.organizations (id, tenant_code, tenant_name, status, license_tier, location_id, epoch, admin_email)
         select $1, 'newcomer', 'Newcomer', 'active', 'free', location_id, 1, 'a@newcomer.com' from core.organizations where id = $2`,
        [organization, tenant.id],
      );
      // nobody can be linked who is no member: all of it is undone
      await expect(make()).rejects.toThrow();
      expect(await counts()).toEqual([{ groups: 0, links: 0, menus: 0, entries: 0 }]);
      await sql(
        `insert into core.users (id, organization_id, username, email) values ($1, $2, 'first', 'first@newcomer.com')`,
        [person, organization],
      );
      await sql('insert into core.user_tenant_associations (organization_id, user_id) values ($1, $2)', [
        organization,
        person,
      ]);
      for (let time = 0; time < 2; time++) {
        await make();
        expect(await counts()).toEqual([{ groups: 4, links: 1, menus: 5, entries: 10 }]);
      }
    });
  });
});

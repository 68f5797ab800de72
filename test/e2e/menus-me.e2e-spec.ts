import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { refused, START_MS } from '../support/control-plane.js';
import { MenusWorld } from './menus-world.js';

interface Node {
  readonly menu_code: string;
  readonly children: readonly Node[];
}

const DEFAULTS = ['home', 'boards', 'files', 'members', 'settings'];

describe('the menus of a caller', () => {
  const world = new MenusWorld();
  const { clients, tenant, sql, user, create, chain, group } = world;
  beforeAll(world.start, START_MS);
  afterAll(world.stop);

  const mine = async (client: Client): Promise<Node[]> => {
    const { status, body, text } = await client.get('/menus/me');
    if (status !== 200) throw new Error(text);
    return (body as { items: Node[] }).items;
  };
  const codes = (nodes: readonly Node[]): string[] =>
    nodes.flatMap(({ menu_code: code, children }) => [code, ...codes(children)]);
  const visible = async (client: Client, among: readonly string[]): Promise<string[]> =>
    codes(await mine(client)).filter((code) => among.includes(code));

  it('are those that every tenant starts with, by permission', async () => {
    refused(await clients.admin.get('/menus/me?foo=1'), 422, 'validation_failed', 'foo');
    expect(await visible(clients.admin, DEFAULTS)).toEqual(DEFAULTS);
    expect(await visible(clients.viewer, DEFAULTS)).toEqual(['home', 'boards', 'files', 'members']);
    expect(await visible(clients.executive, DEFAULTS)).toEqual(['home', 'boards', 'files']);
  });

  it('follow the modules that the tenant may use now', async () => {
    await create({ menu_code: 'needs_crm', required_module: 'crm' });
    expect(await visible(clients.admin, ['needs_crm'])).toEqual(['needs_crm']);
    await sql(`update core.organizations set enabled_modules = '{"crm": false}' where id = $1`, [tenant.id]);
    try {
      await eventually(async () => {
        expect(await visible(clients.admin, ['needs_crm'])).toEqual([]);
      });
      expect(await visible(clients.platform, ['needs_crm'])).toEqual(['needs_crm']);
    } finally {
      await sql(`update core.organizations set enabled_modules = '{}' where id = $1`, [tenant.id]);
    }
  });

  it('follow his groups, and all_members is everybody’s', async () => {
    const groupId = await group();
    const [all] = await sql<{ id: string }>(
      `select id from core.user_groups where organization_id = $1 and group_code = 'all_members'`,
      [tenant.id],
    );
    await create({ menu_code: 'for_group', group_ids: [groupId] });
    await create({ menu_code: 'for_members', group_ids: [all?.id] });
    const among = ['for_group', 'for_members'];
    expect(await visible(clients.viewer, among)).toEqual(['for_members']);
    expect(await visible(clients.platform, among)).toEqual(among);
    await clients.admin.post(`/user-groups/${groupId}/members`, { user_id: user('viewer') });
    expect(await visible(clients.viewer, among)).toEqual(among);
    expect(await visible(clients.admin, among)).toEqual(['for_members']);
  });

  it('leave out the invisible and the deleted with all below them, and groups without a child', async () => {
    const hidden = await create({ menu_code: 'hidden', is_visible: false });
    await create({ menu_code: 'below_hidden', parent_id: hidden.id });
    const deleted = await create({ menu_code: 'deleted' });
    await clients.admin.delete(`/menus/${deleted.id}`);
    const parent = await create({ menu_code: 'a_group', menu_type: 'group' });
    await create({ menu_code: 'a_line', menu_type: 'divider' });
    const among = ['hidden', 'below_hidden', 'deleted', 'a_group', 'a_line', 'a_child'];
    expect(await visible(clients.executive, among)).toEqual(['a_line']);
    await create({ menu_code: 'a_child', parent_id: parent.id, required_permission: 'user_read' });
    expect(await visible(clients.executive, among)).toEqual(['a_line']);
    const seen = (await mine(clients.admin)).find(({ menu_code: code }) => code === 'a_group');
    expect(seen?.children).toMatchObject([{ menu_code: 'a_child', required_permission: 'user_read', children: [] }]);
  });

  it('are whole down to the fifth level', async () => {
    const menus = await chain(5);
    let nodes = await mine(clients.executive);
    for (const { menu_code: code } of menus) {
      const node = nodes.find((each) => each.menu_code === code);
      expect(Object.keys(node ?? {})).toEqual(expect.arrayContaining(['id', 'menu_name', 'menu_url', 'children']));
      nodes = [...(node?.children ?? [])];
    }
    expect(nodes).toEqual([]);
  });

  it('need a tenant, and are those of no other', async () => {
    await create({ menu_code: 'foreign' }, clients.stranger);
    expect(await visible(clients.admin, ['foreign'])).toEqual([]);
    expect(await visible(clients.stranger, ['foreign'])).toEqual(['foreign']);
    const platform = clients.platform.with({ 'x-tenant': '' });
    refused(await platform.get('/menus/me'), 400, 'tenant_required');
  });

  it('that every tenant starts with are made once, with their entries', async () => {
    expect(
      await sql(
        `select array_agg(menu_code::text order by display_order) as codes from core.menus m join core.organizations o on o.id = m.organization_id
         where tenant_code = 'globex'`,
      ),
    ).toEqual([{ codes: DEFAULTS }]);
    expect(
      await sql(
        `select count(*)::int as n from core.audit_log a join core.organizations o on o.id = a.organization_id
         where tenant_code = 'globex' and resource in ('menus', 'user_groups') and action = 'create'`,
      ),
    ).toEqual([{ n: 9 }]);
  });

  /** What a change reaches a moment later. */
  async function eventually(holds: () => Promise<void>): Promise<void> {
    for (const until = Date.now() + 5_000; ;) {
      try {
        await holds();
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { refused, START_MS } from '../support/control-plane.js';
import { type Menu, MenusWorld } from './menus-world.js';

const PARALLEL = 50;

describe('the tree of menus', () => {
  const world = new MenusWorld();
  const { clients, tenant, sql, audited, create, chain, stored } = world;
  beforeAll(world.start, START_MS);
  afterAll(world.stop);

  /** Levels of the deepest living menu, and how many living menus hang on no root. */
  const treeOf = async (id: string) => {
    const [tree] = await sql<{ levels: number; reached: string; all: string }>(
      `with recursive tree as (select id, 1 as level from core.menus where organization_id = $1 and deleted_at is null and parent_id is null
         union all select m.id, level + 1 from core.menus m join tree t on m.parent_id = t.id where m.deleted_at is null and level < 20)
       select max(level) as levels, count(*) as reached, (select count(*) from core.menus where organization_id = $1 and deleted_at is null) as all from tree`,
      [id],
    );
    return { levels: tree?.levels ?? 0, lost: Number(tree?.all) - Number(tree?.reached) };
  };
  const expectTree = async () => {
    const { levels, lost } = await treeOf(tenant.id);
    expect(lost).toBe(0);
    expect(levels).toBeLessThanOrEqual(5);
  };

  describe('as a tree', () => {
    it('have at most five levels, however they come about', async () => {
      const menus = await chain(5);
      refused(
        await clients.admin.post('/menus', { menu_code: 'sixth', menu_name: 'Sixth', parent_id: menus.at(-1)?.id }),
        422,
        'validation_failed',
        'parent_id',
        'max_depth',
      );
      expect(await sql(`select from core.menus where menu_code = 'sixth'`)).toEqual([]);
      const [top] = await chain(2);
      refused(
        await clients.admin.patch(`/menus/${top?.id ?? ''}`, { parent_id: menus[3]?.id }),
        422,
        'validation_failed',
        'parent_id',
        'max_depth',
      );
      expect(await stored(top?.id ?? '')).toMatchObject([{ parent_id: null, version: 1 }]);
      await expectTree();
    });

    it('have no cycle', async () => {
      const [top, middle, bottom] = await chain(3);
      for (const parent of [top, middle, bottom])
        refused(
          await clients.admin.patch(`/menus/${top?.id ?? ''}`, { parent_id: parent?.id }),
          422,
          'validation_failed',
          'parent_id',
          'cycle',
        );
      await expectTree();
    });

    it('hang on the living alone: a deleted parent is none, and a parent is not deleted', async () => {
      const [top, child] = await chain(2);
      const path = `/menus/${top?.id ?? ''}`;
      refused(await clients.admin.delete(path), 409, 'in_use');
      refused(await clients.admin.delete(`${path}?hard=true`), 409, 'in_use');
      expect(await stored(top?.id ?? '')).toMatchObject([{ deleted_at: null, version: 1 }]);
      await clients.admin.delete(`/menus/${child?.id ?? ''}`);
      expect((await clients.admin.delete(path)).status).toBe(204);
      refused(
        await clients.admin.post('/menus', { menu_code: 'orphan', menu_name: 'Orphan', parent_id: top?.id }),
        422,
        'validation_failed',
        'parent_id',
        'not_found',
      );
      refused(await clients.admin.post(`/menus/${child?.id ?? ''}/restore`), 409, 'conflict');
      expect(await sql('select from core.menus where id = $1 and deleted_at is null', [child?.id])).toEqual([]);
      const restored = await audited((headers) => clients.admin.post(`${path}/restore`, undefined, headers));
      expect(restored).toMatchObject({ answer: { status: 200 }, entries: ['restore core.menus'] });
      expect((await clients.admin.post(`/menus/${child?.id ?? ''}/restore`)).status).toBe(200);
    });

    it('refuse to bring back a menu whose code was taken', async () => {
      const menu = await create({ menu_code: 'taken_back' });
      await clients.admin.delete(`/menus/${menu.id}`);
      await create({ menu_code: 'Taken_Back' });
      refused(await clients.admin.post(`/menus/${menu.id}/restore`), 409, 'conflict', 'menu_code', 'taken');
    });

    it(`stay a tree under ${String(PARALLEL)} moves at once that together make a cycle`, async () => {
      const menus: Menu[] = [];
      for (let n = 0; n < 5; n++) menus.push(await create());
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, n) =>
          clients.admin.patch(`/menus/${menus[n % 5]?.id ?? ''}`, { parent_id: menus[(n + 1) % 5]?.id }),
        ),
      );
      for (const answer of answers.filter(({ status }) => status !== 200))
        refused(answer, 422, 'validation_failed', 'parent_id', 'cycle');
      expect(answers.some(({ status }) => status === 200)).toBe(true);
      expect(answers.some(({ status }) => status === 422)).toBe(true);
      await expectTree();
    });

    it('are told apart where two are moved below each other: one is, the other would make a cycle', async () => {
      for (let round = 0; round < 20; round++) {
        const [a, b] = [await create(), await create()];
        const answers = await Promise.all([
          clients.admin.patch(`/menus/${a.id}`, { parent_id: b.id }),
          clients.admin.patch(`/menus/${b.id}`, { parent_id: a.id }),
        ]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
      }
      await expectTree();
    });

    it('stay a tree while parents are deleted and children made at the same time', async () => {
      for (let round = 0; round < 10; round++) {
        const parent = await create();
        const [child, gone] = await Promise.all([
          clients.admin.post('/menus', { menu_code: `late_${String(round)}`, menu_name: 'Late', parent_id: parent.id }),
          clients.admin.delete(`/menus/${parent.id}`),
        ]);
        expect(`${String(child.status)} ${String(gone.status)}`).toMatch(/^(201 409|422 204)$/);
      }
      await expectTree();
    });
  });

  describe('in order', () => {
    const reorder = (items: unknown, client = clients.admin, headers?: Record<string, string>) =>
      client.post('/menus/reorder', { items }, headers);

    it('are moved all at once, with an entry and a version for each that changes', async () => {
      const [a, b, c] = [await create(), await create(), await create()];
      const { answer, entries } = await audited((headers) =>
        reorder(
          [
            { id: c.id, parent_id: a.id, display_order: 7 },
            { id: a.id, parent_id: null, display_order: 0 },
            { id: b.id.toUpperCase(), display_order: 8 },
          ],
          clients.admin,
          headers,
        ),
      );
      expect(answer.status).toBe(200);
      expect((answer.body as { items: Menu[] }).items).toMatchObject([
        { id: c.id, parent_id: a.id, display_order: 7, version: 2, group_ids: [] },
        { id: a.id, parent_id: null, display_order: 0, version: 1 },
        { id: b.id, parent_id: null, display_order: 8, version: 2 },
      ]);
      expect(entries).toEqual(['update core.menus', 'update core.menus']);
      expect(await stored(c.id)).toMatchObject([{ parent_id: a.id, display_order: 7, version: 2 }]);
    });

    it('may swap a parent and its child in one', async () => {
      const [top, child] = await chain(2);
      const answer = await reorder([
        { id: top?.id, parent_id: child?.id, display_order: 0 },
        { id: child?.id, parent_id: null, display_order: 0 },
      ]);
      expect(answer.status).toBe(200);
      await expectTree();
    });

    it('are refused whole where one is wrong', async () => {
      const [a, b] = [await create(), await create()];
      const good = { id: a.id, parent_id: null, display_order: 9 };
      const [deep] = (await chain(5)).slice(-1);
      for (const [items, path, code] of [
        [[good, { id: randomUUID(), display_order: 1 }], 'items.1.id', 'not_found'],
        [[good, { id: b.id, parent_id: randomUUID(), display_order: 1 }], 'items.1.parent_id', 'not_found'],
        [[good, { id: a.id.toUpperCase(), display_order: 1 }], 'items.1.id', 'duplicate'],
        [[good, { id: b.id }], 'items.1.display_order', 'required'],
        [[good, { id: b.id, display_order: 1, nonsense: 1 }], 'items.1.nonsense', 'unknown_property'],
        [[good, { id: b.id, parent_id: b.id, display_order: 1 }], 'items', 'cycle'],
        [
          [
            { ...good, parent_id: b.id },
            { id: b.id, parent_id: a.id, display_order: 1 },
          ],
          'items',
          'cycle',
        ],
        [[good, { id: b.id, parent_id: deep?.id, display_order: 1 }], 'items', 'max_depth'],
        [[], 'items', 'array_min_size'],
        [Array.from({ length: 501 }, () => ({ id: randomUUID(), display_order: 1 })), 'items', 'array_max_size'],
      ] as const)
        refused(await reorder(items), 422, 'validation_failed', path, code);
      expect(await stored(a.id)).toMatchObject([{ display_order: 0, version: 1 }]);
      expect(await stored(b.id)).toMatchObject([{ parent_id: null, version: 1 }]);
    });

    it('are answered once for an idempotency key', async () => {
      const { id } = await create();
      const key = { 'idempotency-key': randomUUID() };
      const first = await reorder([{ id, display_order: 4 }], clients.admin, key);
      await clients.admin.patch(`/menus/${id}`, { display_order: 5 });
      const second = await reorder([{ id, display_order: 4 }], clients.admin, key);
      expect(second).toMatchObject({ status: 200, body: first.body as object });
      expect(await stored(id)).toMatchObject([{ display_order: 5 }]);
    });

    it(`stay a tree under ${String(PARALLEL)} at once that together make a cycle, in whatever order they lock`, async () => {
      const menus: Menu[] = [];
      for (let n = 0; n < 6; n++) menus.push(await create());
      const at = (n: number) => menus[n % 6]?.id;
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, n) =>
          reorder([
            { id: at(n), parent_id: at(n + 1), display_order: n },
            { id: at(n + 3), parent_id: at(n + 4), display_order: n },
          ]),
        ),
      );
      for (const answer of answers.filter(({ status }) => status !== 200))
        refused(answer, 422, 'validation_failed', 'items');
      expect(answers.some(({ status }) => status === 200)).toBe(true);
      await expectTree();
    });
  });
});

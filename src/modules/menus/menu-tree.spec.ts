import { describe, expect, it } from '@jest/globals';
import { type MenuCaller, type MenuOfCaller, menuTree } from './menu-tree.js';

const menu = (code: string, more: Partial<MenuOfCaller> = {}): MenuOfCaller => ({
  id: code,
  parent_id: null,
  menu_code: code,
  menu_name: code,
  menu_url: null,
  menu_icon: null,
  menu_type: 'item',
  display_order: 0,
  required_permission: null,
  required_module: null,
  metadata: {},
  is_for_caller: true,
  ...more,
});
const caller = (more: Partial<MenuCaller> = {}): MenuCaller => ({
  isPlatform: false,
  holds: () => false,
  uses: () => false,
  ...more,
});
interface Node {
  readonly menu_code: string;
  readonly children: readonly Node[];
}
/** `a(b c)` */
const shape = (nodes: readonly Node[]): string =>
  nodes.map(({ menu_code: code, children }) => code + (children.length === 0 ? '' : `(${shape(children)})`)).join(' ');
const shown = (rows: readonly MenuOfCaller[], who = caller()): string => shape(menuTree(rows, who));

describe('menuTree', () => {
  it('puts menus below their parents, siblings in the order of the rows', () => {
    const rows = [menu('c', { parent_id: 'b' }), menu('b'), menu('a'), menu('d', { parent_id: 'b' })];
    expect(shown(rows)).toBe('b(c d) a');
  });

  it('shows a menu that asks for a permission to whoever holds it', () => {
    const rows = [menu('open'), menu('closed', { required_permission: 'user_read' })];
    expect(shown(rows)).toBe('open');
    expect(shown(rows, caller({ holds: (code) => code === 'user_read' }))).toBe('open closed');
  });

  it('shows a menu that asks for a module where the tenant may use it', () => {
    const rows = [menu('boards', { required_module: 'boards' })];
    expect(shown(rows)).toBe('');
    expect(shown(rows, caller({ uses: (module) => module === 'boards' }))).toBe('boards');
  });

  it('asks for permission and module both', () => {
    const rows = [menu('boards', { required_module: 'boards', required_permission: 'board_read' })];
    expect(shown(rows, caller({ holds: () => true }))).toBe('');
    expect(shown(rows, caller({ uses: () => true }))).toBe('');
    expect(shown(rows, caller({ holds: () => true, uses: () => true }))).toBe('boards');
  });

  it('leaves out what is for groups that the caller is not in', () => {
    expect(shown([menu('vip', { is_for_caller: false }), menu('all')])).toBe('all');
  });

  it('shows a platform user everything', () => {
    const rows = [
      menu('a', { is_for_caller: false }),
      menu('b', { required_module: 'crm', required_permission: 'crm.read' }),
    ];
    expect(shown(rows, caller({ isPlatform: true }))).toBe('a b');
  });

  it('shows a child only where its parent is shown, and one whose parent is not among the rows never', () => {
    const rows = [
      menu('hidden', { is_for_caller: false }),
      menu('child', { parent_id: 'hidden' }),
      menu('grandchild', { parent_id: 'child' }),
      menu('orphan', { parent_id: 'invisible' }),
    ];
    expect(shown(rows)).toBe('');
  });

  it('leaves out a group without a visible child, and then the group around it', () => {
    const rows = [
      menu('outer', { menu_type: 'group' }),
      menu('inner', { menu_type: 'group', parent_id: 'outer' }),
      menu('secret', { parent_id: 'inner', required_permission: 'user_read' }),
    ];
    expect(shown(rows)).toBe('');
    expect(shown(rows, caller({ holds: () => true }))).toBe('outer(inner(secret))');
  });

  it('keeps dividers, and items without children', () => {
    expect(shown([menu('a'), menu('line', { menu_type: 'divider' }), menu('b', { menu_type: 'link' })])).toBe(
      'a line b',
    );
  });

  it('ends where rows stand in a circle, which is shown to nobody', () => {
    expect(shown([menu('a', { parent_id: 'b' }), menu('b', { parent_id: 'a' }), menu('c')])).toBe('c');
  });

  it('tells nothing of the groups', () => {
    expect(Object.keys(menuTree([menu('a')], caller())[0] ?? {})).not.toContain('is_for_caller');
  });
});

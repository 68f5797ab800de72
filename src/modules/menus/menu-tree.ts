import type { VisibleMenu } from './menu.dto.js';

/** A living, visible menu as `/menus/me` reads it. */
export interface MenuOfCaller extends Omit<VisibleMenu, 'children'> {
  /** It is for everybody, or for a group that the caller is in. */
  readonly is_for_caller: boolean;
}

/** What menus ask of whoever looks at them. */
export interface MenuCaller {
  /** Sees all of them. */
  readonly isPlatform: boolean;
  holds(permission: string): boolean;
  /** Whether his tenant may use it now. */
  uses(module: string): boolean;
}

/**
 * The menus that the caller sees, each with those below it, in the order of the rows. A menu is shown where its parent is;
 * one of type `group` where anything below it is.
 */
export function menuTree(rows: readonly MenuOfCaller[], caller: MenuCaller): VisibleMenu[] {
  const byParent = new Map<string | null, MenuOfCaller[]>();
  for (const row of rows) {
    if (!isShown(row, caller)) continue;
    const siblings = byParent.get(row.parent_id);
    if (siblings === undefined) byParent.set(row.parent_id, [row]);
    else siblings.push(row);
  }
  return below(null, byParent);
}

// from the top down: what hangs on nothing that is shown is never met
function below(parentId: string | null, byParent: ReadonlyMap<string | null, MenuOfCaller[]>): VisibleMenu[] {
  return (byParent.get(parentId) ?? []).flatMap(({ is_for_caller: _, ...menu }) => {
    const children = below(menu.id, byParent);
    return menu.menu_type === 'group' && children.length === 0 ? [] : [{ ...menu, children }];
  });
}

function isShown(menu: MenuOfCaller, caller: MenuCaller): boolean {
  if (caller.isPlatform) return true;
  const { is_for_caller: isForHim, required_permission: permission, required_module: module } = menu;
  return isForHim && (permission === null || caller.holds(permission)) && (module === null || caller.uses(module));
}

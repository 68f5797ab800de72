import { ControlPlane } from '../support/control-plane.js';

export interface Menu {
  readonly id: string;
  readonly menu_code: string;
  readonly parent_id: string | null;
  readonly group_ids: readonly string[];
  readonly version: number;
}

/** The control plane, and what tests of menus do over and over. */
export class MenusWorld extends ControlPlane {
  private number = 0;

  readonly create = (more: object = {}, client = this.clients.admin): Promise<Menu> => {
    const body = { menu_code: `menu_${String(++this.number)}`, menu_name: 'A menu', ...more };
    return this.made<Menu>('/menus', body, client);
  };

  /** One below the other: the highest first. */
  readonly chain = async (levels: number): Promise<Menu[]> => {
    const menus: Menu[] = [];
    for (let level = 0; level < levels; level++) menus.push(await this.create({ parent_id: menus.at(-1)?.id ?? null }));
    return menus;
  };

  /** The id of a new group, for menus to be shown to. */
  readonly group = async (client = this.clients.admin): Promise<string> => {
    const body = { group_code: `menus_${String(++this.number)}`, group_name: 'Of menus' };
    return (await this.made('/user-groups', body, client)).id;
  };

  readonly stored = (id: string): Promise<Record<string, unknown>[]> =>
    this.sql('select * from core.menus where id = $1', [id]);
}

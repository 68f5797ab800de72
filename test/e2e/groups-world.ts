import { ControlPlane } from '../support/control-plane.js';

export interface Group {
  readonly id: string;
  readonly group_code: string;
}
export interface Member {
  readonly id: string;
  readonly user_id: string;
  readonly username: string | null;
  readonly email: string | null;
  readonly full_name: string | null;
}

/** The control plane, and what tests of groups do over and over. */
export class GroupsWorld extends ControlPlane {
  private number = 0;

  readonly create = (more: object = {}, client = this.clients.admin): Promise<Group> => {
    const body = { group_code: `group_${String(++this.number)}`, group_name: 'A group', ...more };
    return this.made<Group>('/user-groups', body, client);
  };

  /** The id of the group that a tenant has from its first day on. */
  readonly system = async (code: string, of = this.tenant): Promise<string> => {
    const [group] = await this.sql<{ id: string }>(
      'select id from core.user_groups where organization_id = $1 and group_code = $2',
      [of.id, code],
    );
    return group?.id ?? '';
  };

  /** Who is in a group, as the API tells it. */
  readonly members = async (id: string, query = '', client = this.clients.admin): Promise<Member[]> => {
    const { status, body, text } = await client.get(`/user-groups/${id}/members?${query}`);
    if (status !== 200) throw new Error(text);
    return (body as { items: Member[] }).items;
  };

  /** Who is linked to a group, as the table has it. */
  readonly stored = (id: string): Promise<{ user_id: string }[]> =>
    this.sql('select user_id from core.user_group_members where group_id = $1 order by user_id', [id]);
}

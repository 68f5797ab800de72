import { Injectable } from '@nestjs/common';
import { currentPlacement, Tenancy } from '../../../platform/tenancy/index.js';

/** What others ask before they remove what boards lean on. */
@Injectable()
export class BoardUsage {
  constructor(private readonly tenancy: Tenancy) {}

  /** Whether a living board of the scope's tenant names the group: then its deletion is 409 in_use. */
  async boardsUsing(groupId: string): Promise<boolean> {
    const [row] = await this.tenancy.read<{ used: boolean }>({
      name: 'boards_using_group',
      text: `select exists (select from board_groups g join boards b on b.organization_id = g.organization_id and b.id = g.board_id
        where g.organization_id = $1::uuid and g.group_id = $2::uuid and b.deleted_at is null) as used`,
      values: [currentPlacement().organizationId, groupId],
    });
    return row?.used === true;
  }
}

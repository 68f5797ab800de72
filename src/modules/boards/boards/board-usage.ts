import { Injectable } from '@nestjs/common';
import { currentPlacement, Tenancy } from '../../../platform/tenancy/index.js';

/** What others ask before they remove what boards lean on. */
@Injectable()
export class BoardUsage {
  constructor(private readonly tenancy: Tenancy) {}

  /** Whether a board of the scope's tenant names the group, be it one to be restored: then its deletion is 409 in_use. */
  async boardsUsing(groupId: string): Promise<boolean> {
    const [row] = await this.tenancy.read<{ used: boolean }>({
      name: 'boards_using_group',
      text: `select exists (select from board_groups where organization_id = $1::uuid and group_id = $2::uuid) as used`,
      values: [currentPlacement().organizationId, groupId],
    });
    return row?.used === true;
  }
}

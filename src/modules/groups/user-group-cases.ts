import { Injectable } from '@nestjs/common';
import { InUse, NotFound, Stale } from '../../common/problem.js';
import { type Resource, ResourceWriter, type UseCases, type Versions } from '../../platform/resources/index.js';
import { CoreUnit, currentPlacement } from '../../platform/tenancy/index.js';
import { unlink } from './group-links.js';
import { GroupUses } from './group-uses.js';
import type { UserGroupRow } from './user-group.dto.js';
import { SystemGroup } from './user-groups.problems.js';

interface StoredGroup {
  readonly group_type: string;
  readonly version: number;
}

/** What routes of groups do in their own way: a group goes only when nobody leans on it. */
@Injectable()
export class UserGroupCases implements UseCases<UserGroupRow> {
  constructor(
    private readonly core: CoreUnit,
    private readonly writer: ResourceWriter,
    private readonly uses: GroupUses,
  ) {}

  async beforeDelete(_groups: Resource<UserGroupRow>, id: string, versions: Versions): Promise<void> {
    if (!(await this.uses.any(id))) return;
    await this.stored(id, versions, '');
    throw InUse();
  }

  /** With its members' links: they are of no use to anybody. */
  async hardDelete(groups: Resource<UserGroupRow>, id: string, versions: Versions): Promise<void> {
    // locked first of all: nobody joins in between
    const { group_type: type } = await this.stored(id, versions, 'for update');
    if (type === 'system') throw SystemGroup();
    await unlink(this.core, currentPlacement().organizationId, id);
    await this.writer.hardDelete(groups, id, versions);
  }

  /** Living or deleted. @throws NotFound, Stale */
  private async stored(id: string, versions: Versions, lock: '' | 'for update'): Promise<StoredGroup> {
    const [group] = await this.core.query<StoredGroup>({
      text: `select group_type, version from core.user_groups where organization_id = $1 and id = $2 ${lock}`,
      values: [currentPlacement().organizationId, id],
    });
    if (group === undefined) throw NotFound();
    if (versions?.includes(group.version) === false) throw Stale();
    return group;
  }
}

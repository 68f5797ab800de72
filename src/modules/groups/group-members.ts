import { Injectable } from '@nestjs/common';
import { invalid, NotFound, ValidationFailed } from '../../common/problem.js';
import {
  type Answer,
  below,
  narrowed,
  notFoundAt,
  type Resource,
  ResourceReader,
  type UseCases,
} from '../../platform/resources/index.js';
import { CoreUnit, currentPlacement } from '../../platform/tenancy/index.js';
import { link, unlink } from './group-links.js';
import type { AddMembers, GroupMemberRow } from './user-group.dto.js';
import { GroupMembers, isComputed } from './user-groups.js';
import { computedGroup } from './user-groups.problems.js';

/** What POST answers: the member, or `items` of them. */
export type AddedMembers = GroupMemberRow | { items: GroupMemberRow[] };

/** Who is in a group of the scope's tenant. */
@Injectable()
export class GroupMembersService implements UseCases<GroupMemberRow> {
  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
  ) {}

  /** @throws NotFound where there is no such group */
  async reachable(members: Resource<GroupMemberRow>): Promise<Resource<GroupMemberRow>> {
    await this.group(members.parentId ?? '', '');
    return members;
  }

  /**
   * Adds one or many, all or none. @param path where the members of the group are found
   * @throws ValidationFailed at each who is no living member of the tenant, and for the computed group; NotFound
   */
  async add(groupId: string, input: AddMembers, path: string): Promise<Answer<AddedMembers>> {
    const { ids, pathOf } = chosen(input);
    const isNew = await this.core.transaction(async () => {
      await this.changeable(groupId);
      await this.assertMembers(ids, pathOf);
      return (await link(this.core, currentPlacement().organizationId, groupId, [...new Set(ids)])).length > 0;
    });
    const items = await this.rows(groupId, ids);
    const status = isNew ? 201 : 200;
    const [only] = items;
    if (input.user_id === undefined || input.user_id === null || only === undefined)
      return { status, body: { items }, location: path };
    return { status, body: only, etag: `"${String(only.version)}"`, location: `${path}/${only.user_id}` };
  }

  /** @throws NotFound for one who is not in it; ValidationFailed for the computed group */
  async remove(groupId: string, userId: string): Promise<void> {
    await this.core.transaction(async () => {
      await this.changeable(groupId);
      if ((await unlink(this.core, currentPlacement().organizationId, groupId, [userId])) === 0) throw NotFound();
    });
  }

  /** Held until the transaction is over, so that it is not deleted meanwhile. */
  private async changeable(groupId: string): Promise<void> {
    if (await this.group(groupId, 'for key share')) throw computedGroup();
  }

  /** Whether the living group is the computed one. */
  private async group(id: string, lock: '' | 'for key share'): Promise<boolean> {
    const [group] = await this.core.query<{ is_computed: boolean }>({
      text: `select (${isComputed('')}) as is_computed from core.user_groups where organization_id = $1 and id = $2 and deleted_at is null ${lock}`,
      values: [currentPlacement().organizationId, id],
    });
    if (group === undefined) throw NotFound();
    return group.is_computed;
  }

  private async assertMembers(ids: readonly string[], pathOf: (at: number) => string): Promise<void> {
    const rows = await this.core.query<{ id: string }>({
      text: `select id from unnest($1::uuid[]) id where core.is_living_member(id)`,
      values: [ids],
    });
    const members = new Set(rows.map(({ id }) => id));
    const errors = ids.flatMap((id, at) => (members.has(id) ? [] : [notFoundAt(pathOf(at))]));
    if (errors.length > 0) throw ValidationFailed({ errors });
  }

  /** In the order of the ids. */
  private async rows(groupId: string, ids: readonly string[]): Promise<GroupMemberRow[]> {
    // he who may add them is shown them
    const added = narrowed(below(GroupMembers, groupId), {
      admitted: ['read'],
      where: (sql, row) => `${row}"user_id" = any(${sql.typed(ids, 'uuid[]')})`,
    });
    const { items } = await this.reader.list(added, 'limit=500');
    const byId = new Map(items.map((row) => [row.user_id, row]));
    return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
  }
}

function chosen({ user_id: one, user_ids: many }: AddMembers) {
  const hasOne = one !== undefined && one !== null;
  const hasMany = many !== undefined && many !== null;
  if (hasOne && hasMany) throw invalid('user_ids', 'ambiguous', 'goes not together with user_id');
  if (!hasOne && !hasMany) throw invalid('user_id', 'required', 'is required, or user_ids');
  const ids = (hasOne ? [one] : (many ?? [])).map((id) => id.toLowerCase());
  return { ids, pathOf: (at: number) => (hasOne ? 'user_id' : `user_ids.${String(at)}`) };
}

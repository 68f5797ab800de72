import { Injectable } from '@nestjs/common';
import { type FieldFault, ValidationFailed } from '../../../common/problem.js';
import type { Action } from '../../../platform/access/index.js';
import {
  type Input,
  narrowed,
  notFoundAt,
  type Resource,
  ResourceWriter,
  type UseCases,
  type Versions,
} from '../../../platform/resources/index.js';
import { currentPlacement, Tenancy } from '../../../platform/tenancy/index.js';
import { ChildRows } from '../children/child-rows.js';
import { CHILDREN, GROUPS_OF_BOARD } from '../children/children.js';
import { BoardAccess, readableBy } from '../rights/board-access.js';
import { CallerGroups } from '../rights/caller-groups.js';
import './boards.problems.js';
import type { BoardRow } from './board.dto.js';
import { grant, GROUP_LISTS, type GroupAccess, withdraw } from './board-groups.js';

const ACCESSES = ['read', 'write'] as const satisfies GroupAccess[];
/** The groups that a body names, by right; a right that it does not speak of is not there. */
type GivenGroups = Partial<Record<GroupAccess, readonly string[]>>;

@Injectable()
export class BoardsService implements UseCases<BoardRow> {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly writer: ResourceWriter,
    private readonly access: BoardAccess,
    private readonly groups: CallerGroups,
    private readonly rows: ChildRows,
  ) {}

  async reachable(resource: Resource<BoardRow>, _: Action): Promise<Resource<BoardRow>> {
    const caller = await this.access.caller();
    return caller.manages ? resource : narrowed(resource, { where: readableBy(caller) });
  }

  /** @throws ValidationFailed at each group that is not a living one of this tenant */
  async prepare(_: Resource<BoardRow>, input: Input): Promise<Input> {
    const given = groupsIn(input);
    const ids = Object.values(given).flat();
    const living = ids.length === 0 ? new Set() : await this.groups.living(ids);
    const errors: FieldFault[] = ACCESSES.flatMap((access) =>
      (given[access] ?? []).flatMap((id, n) =>
        living.has(id) ? [] : [notFoundAt(`${GROUP_LISTS[access]}.${String(n)}`)],
      ),
    );
    if (errors.length > 0) throw ValidationFailed({ errors });
    return input;
  }

  async create(resource: Resource<BoardRow>, input: Input, id: string): Promise<BoardRow> {
    const row = await this.writer.insert(resource, withoutGroups(input), { id });
    const given = groupsIn(input);
    await this.setGroups(id, given);
    return withGroups(row, given);
  }

  /** The board is held, so that two who set its groups at once follow each other; other groups are a new version of it. */
  async update(resource: Resource<BoardRow>, id: string, input: Input, versions: Versions): Promise<BoardRow> {
    const { board_name } = await this.rows.hold<{ board_name: string }>(
      `select board_name from boards where organization_id = $1::uuid and id = $2::uuid and deleted_at is null for update`,
      id,
    );
    const given = groupsIn(input);
    const isOther = await this.setGroups(id, given);
    const own = withoutGroups(input);
    const isOnlyGroups = isOther && Object.keys(own).length === 0;
    return withGroups(await this.writer.change(resource, id, isOnlyGroups ? { board_name } : own, versions), given);
  }

  async delete(resource: Resource<BoardRow>, id: string, versions: Versions): Promise<void> {
    await this.writer.delete(resource, id, versions);
    await this.holdPosts(id);
    await this.rows.takeAlong(id, CHILDREN.board);
  }

  async hardDelete(resource: Resource<BoardRow>, id: string, versions: Versions): Promise<void> {
    await this.rows.hold(`select id from boards where organization_id = $1::uuid and id = $2::uuid for update`, id);
    await this.holdPosts(id);
    await this.rows.removeAll(id, [GROUPS_OF_BOARD, ...CHILDREN.board]);
    await this.writer.hardDelete(resource, id, versions);
  }

  async restore(resource: Resource<BoardRow>, id: string, versions: Versions): Promise<BoardRow> {
    const row = await this.writer.restore(resource, id, versions);
    await this.rows.bringBack(id, CHILDREN.board);
    return row;
  }

  /** Waits for all that writes a post of the board, or below one: they take a post before its category and its comments. */
  private async holdPosts(boardId: string): Promise<void> {
    await this.rows.find(
      `select count(*) from (select from posts where organization_id = $1::uuid and board_id = $2::uuid order by id for update) held`,
      boardId,
    );
  }

  /** Whether anything is other than before. */
  private async setGroups(boardId: string, given: GivenGroups): Promise<boolean> {
    const { organizationId } = currentPlacement();
    let changed = 0;
    for (const access of ACCESSES) {
      const ids = given[access];
      if (ids === undefined) continue;
      for (const statement of [withdraw, grant]) {
        const [counted] = await this.tenancy.write<{ count: number }>(statement(organizationId, boardId, access, ids));
        changed += counted?.count ?? 0;
      }
    }
    return changed > 0;
  }
}

/** Null clears, like an empty list. */
function groupsIn(input: Input): GivenGroups {
  const given: GivenGroups = {};
  for (const access of ACCESSES) {
    const ids = input[GROUP_LISTS[access]];
    if (ids === undefined) continue;
    given[access] = Array.isArray(ids) ? ids.map((id: unknown) => String(id).toLowerCase()) : [];
  }
  return given;
}

const withoutGroups = ({ read_group_ids: _, write_group_ids: __, ...own }: Input): Input => own;

/** What a statement answers was read before the groups were set. */
function withGroups(row: BoardRow, given: GivenGroups): BoardRow {
  for (const access of ACCESSES) {
    const ids = given[access];
    if (ids !== undefined) row[GROUP_LISTS[access]] = [...new Set(ids)].sort();
  }
  return row;
}

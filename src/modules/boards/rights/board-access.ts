import { Injectable } from '@nestjs/common';
import { NotFound, PermissionDenied } from '../../../common/problem.js';
import { accessTo } from '../../../platform/access/index.js';
import type { RowCondition } from '../../../platform/resources/index.js';
import { currentPlacement, currentScope, Tenancy } from '../../../platform/tenancy/index.js';
import { type BoardCaller, mayRead, mayWrite } from './board-rights.js';
import { CallerGroups } from './caller-groups.js';

const MANAGES_BOARDS = accessTo('board', 'manage');
const MANAGES_POSTS = accessTo('post', 'manage');
const UPDATES_POSTS = accessTo('post', 'update');

/** The scope's caller, as far as the guard knows him. */
export interface Writer {
  /** null: the system */
  readonly id: string | null;
  /** Holds `board_manage`, which passes the groups. */
  readonly manages: boolean;
  /** Hides what others wrote. */
  readonly moderates: boolean;
  /** Pins posts: holds `post_update`, or moderates. */
  readonly pins: boolean;
}
/** The same with his groups. */
export type Caller = Writer & BoardCaller;

export function currentWriter(): Writer {
  const { snapshot, actor } = currentScope();
  if (snapshot === undefined) {
    const isSystem = actor.kind === 'system';
    return { id: actor.id, manages: isSystem, moderates: isSystem, pins: isSystem };
  }
  const manages = snapshot.may(MANAGES_BOARDS.bit);
  const moderates = manages || snapshot.may(MANAGES_POSTS.bit);
  return { id: snapshot.userId, manages, moderates, pins: moderates || snapshot.may(UPDATES_POSTS.bit) };
}

/** A board that the caller may read. */
export interface ReadableBoard {
  readonly id: string;
  readonly isWritable: boolean;
}

interface RightsRow {
  readonly read: string[];
  readonly write: string[];
}

/** Who may read and write what: the permissions are the guard's, the groups are asked here. */
@Injectable()
export class BoardAccess {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly groups: CallerGroups,
  ) {}

  /** Asks core: not inside a unit of work of the tenant plane, which holds a connection while this waits for one. */
  async caller(): Promise<Caller> {
    const writer = currentWriter();
    const { id, manages } = writer;
    return { ...writer, groups: manages || id === null ? NONE : await this.groups.of(id) };
  }

  /** @throws NotFound also for one that the caller may not read: whoever may not, shall not know that it is there */
  async board(id: string, caller: Caller): Promise<ReadableBoard> {
    const [row] = await this.tenancy.read<RightsRow>({
      name: 'board_rights',
      text: `select array(select g.group_id from board_groups g where g.organization_id = b.organization_id and g.board_id = b.id and g.access = 'read')::text[] as read,
          array(select g.group_id from board_groups g where g.organization_id = b.organization_id and g.board_id = b.id and g.access = 'write')::text[] as write
        from boards b where b.organization_id = $1::uuid and b.id = $2::uuid and b.deleted_at is null`,
      values: [currentPlacement().organizationId, id],
    });
    const rights = row && { read: new Set(row.read), write: new Set(row.write) };
    if (rights === undefined || !mayRead(rights, caller)) throw NotFound();
    return { id, isWritable: mayWrite(rights, caller) };
  }

  /** @throws NotFound, or PermissionDenied for one that he may only read */
  async writableBoard(id: string, caller: Caller): Promise<void> {
    const { isWritable } = await this.board(id, caller);
    if (isWritable) return;
    throw PermissionDenied({
      required: MANAGES_BOARDS.code,
      detail: 'You are in no group that may write on this board.',
    });
  }
}

const NONE: ReadonlySet<string> = new Set();

/** `mayRead` in SQL, of a row of boards. */
export const readableBy =
  ({ groups }: BoardCaller): RowCondition =>
  (sql, row) => {
    const rights = `from board_groups g where g."organization_id" = ${row}"organization_id" and g."board_id" = ${row}"id"`;
    return `(not exists (select ${rights} and g."access" = 'read') or exists (select ${rights} and g."group_id" = any(${sql.typed([...groups], 'uuid[]')})))`;
  };

/**
 * Of a row of posts or comments: what is published, and what is the caller's own. The hidden is for those who manage
 * boards, too; a draft for nobody else.
 */
export const visibleTo =
  ({ id, manages }: Pick<Writer, 'id' | 'manages'>): RowCondition =>
  (sql, row) => {
    const open = manages ? `${row}"status" <> 'draft'` : `${row}"status" = 'published'`;
    return id === null ? open : `(${open} or ${row}"author_id" = ${sql.typed(id, 'uuid')})`;
  };

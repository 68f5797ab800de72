import { Injectable } from '@nestjs/common';
import { Conflict, NotFound, ValidationFailed } from '../../../common/problem.js';
import type { Action } from '../../../platform/access/index.js';
import {
  type Input,
  narrowed,
  notFoundAt,
  type Resource,
  ResourceWriter,
  Sql,
  type UseCases,
  type Versions,
} from '../../../platform/resources/index.js';
import { currentPlacement, Tenancy } from '../../../platform/tenancy/index.js';
import { ChildRows } from '../children/child-rows.js';
import { CHILDREN } from '../children/children.js';
import { asOwn, assertMay, assertOwnOr, type Written } from '../rights/authorship.js';
import { BoardAccess, type Caller, currentWriter, visibleTo } from '../rights/board-access.js';
import { heldRow } from '../rights/held-row.js';
import type { CommentRow } from './comment.dto.js';

interface HeldComment extends Written {
  readonly parent_id: string | null;
  readonly deleted_at: Date | null;
}

/** Whoever writes a comment holds its post: so the post's count is exact, and a reply never outlives what it answers. */
@Injectable()
export class CommentsService implements UseCases<CommentRow> {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly writer: ResourceWriter,
    private readonly access: BoardAccess,
    private readonly rows: ChildRows,
  ) {}

  /** A comment is seen by those who see its post. */
  async reachable(resource: Resource<CommentRow>, action: Action): Promise<Resource<CommentRow>> {
    const caller = await this.access.caller();
    const boardId = await this.boardOfVisible(postOf(resource), caller);
    if (action === 'read') await this.access.board(boardId, caller);
    else await this.access.writableBoard(boardId, caller);
    return narrowed(resource, { where: visibleTo(caller) });
  }

  async create(resource: Resource<CommentRow>, input: Input, id: string): Promise<CommentRow> {
    const me = currentWriter();
    const { allow_comments: isAllowed } = await this.rows.hold<{ allow_comments: boolean }>(
      `update posts p set comment_count = p.comment_count + 1 from boards b where p.organization_id = $1::uuid and p.id = $2::uuid
         and p.deleted_at is null and b.organization_id = p.organization_id and b.id = p.board_id returning b.allow_comments`,
      postOf(resource),
    );
    if (!isAllowed) throw Conflict({ detail: 'This board takes no comments.' });
    const { parent_id: parent } = input;
    if (typeof parent === 'string' && (await heldRow(this.tenancy, resource, parent, 'living')) === undefined)
      throw ValidationFailed({ errors: [notFoundAt('parent_id')] });
    return this.writer.insert(resource, { ...input, author_id: me.id }, { id });
  }

  async update(resource: Resource<CommentRow>, id: string, input: Input, versions: Versions): Promise<CommentRow> {
    const me = currentWriter();
    const comment = await this.hold(resource, id, 'living');
    assertOwnOr(resource, 'update', comment, me);
    assertMay(comment, input, me);
    return this.writer.change(asOwn(resource, comment, me), id, input, versions);
  }

  async delete(resource: Resource<CommentRow>, id: string, versions: Versions): Promise<void> {
    const me = currentWriter();
    await this.holdPost(resource);
    const comment = await this.hold(resource, id, 'living');
    assertOwnOr(resource, 'delete', comment, me);
    await this.writer.delete(asOwn(resource, comment, me), id, versions);
    await this.count(resource, -1 - (await this.rows.takeAlong(id, CHILDREN.comment)));
  }

  async hardDelete(resource: Resource<CommentRow>, id: string, versions: Versions): Promise<void> {
    await this.holdPost(resource);
    const { deleted_at: deletedAt } = await this.hold(resource, id, 'any');
    const replies = await this.rows.removeAll(id, CHILDREN.comment);
    await this.writer.hardDelete(resource, id, versions);
    await this.count(resource, -replies - (deletedAt === null ? 1 : 0));
  }

  async restore(resource: Resource<CommentRow>, id: string, versions: Versions): Promise<CommentRow> {
    await this.holdPost(resource);
    const { deleted_at: deletedAt, parent_id: parent } = await this.hold(resource, id, 'any');
    if (parent !== null && !(await this.isLiving(resource, parent)))
      throw Conflict({ errors: [{ path: 'parent_id', code: 'deleted', message: 'is deleted: restore it first' }] });
    const row = await this.writer.restore(resource, id, versions);
    const replies = await this.rows.bringBack(id, CHILDREN.comment);
    await this.count(resource, replies + (deletedAt === null ? 0 : 1));
    return row;
  }

  /** @throws NotFound for a post that the caller does not see */
  private async boardOfVisible(id: string, caller: Caller): Promise<string> {
    const sql = new Sql();
    const own = `p."organization_id" = ${sql.typed(currentPlacement().organizationId, 'uuid')} and p."id" = ${sql.typed(id, 'uuid')}`;
    const [post] = await this.tenancy.read<{ board_id: string }>(
      sql.statement(
        `select p.board_id from posts p where ${own} and p.deleted_at is null and ${visibleTo(caller)(sql, 'p.')}`,
      ),
    );
    if (post === undefined) throw NotFound();
    return post.board_id;
  }

  private holdPost(resource: Resource<CommentRow>): Promise<unknown> {
    return this.rows.hold(
      `select id from posts where organization_id = $1::uuid and id = $2::uuid and deleted_at is null for no key update`,
      postOf(resource),
    );
  }

  private async hold(resource: Resource<CommentRow>, id: string, which: 'living' | 'any'): Promise<HeldComment> {
    const comment = await heldRow<HeldComment, CommentRow>(this.tenancy, resource, id, which);
    if (comment === undefined) throw NotFound();
    return comment;
  }

  private async isLiving(resource: Resource<CommentRow>, id: string): Promise<boolean> {
    const found = await this.rows.find(
      `select id from comments where organization_id = $1::uuid and post_id = $2::uuid and id = $3::uuid and deleted_at is null`,
      postOf(resource),
      id,
    );
    return found !== undefined;
  }

  /** No change of the post, and none that an entry tells of. */
  private async count(resource: Resource<CommentRow>, by: number): Promise<void> {
    if (by === 0) return;
    await this.rows.find(
      `update posts set comment_count = comment_count + $3::int where organization_id = $1::uuid and id = $2::uuid`,
      postOf(resource),
      by,
    );
  }
}

const postOf = ({ parentId = '' }: Resource<CommentRow>): string => parentId;

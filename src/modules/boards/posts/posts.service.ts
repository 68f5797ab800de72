import { Injectable } from '@nestjs/common';
import { Conflict, NotFound, ValidationFailed } from '../../../common/problem.js';
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
import { CHILDREN } from '../children/children.js';
import { asOwn, assertMay, assertOwnOr, type Written } from '../rights/authorship.js';
import { BoardAccess, currentWriter, visibleTo } from '../rights/board-access.js';
import { heldRow } from '../rights/held-row.js';
import type { PostRow } from './post.dto.js';

interface HeldPost extends Written {
  readonly is_pinned: boolean;
  readonly category_id: string | null;
}

@Injectable()
export class PostsService implements UseCases<PostRow> {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly writer: ResourceWriter,
    private readonly access: BoardAccess,
    private readonly rows: ChildRows,
  ) {}

  async reachable(resource: Resource<PostRow>, action: Action): Promise<Resource<PostRow>> {
    const caller = await this.access.caller();
    if (action === 'read') await this.access.board(boardOf(resource), caller);
    else await this.access.writableBoard(boardOf(resource), caller);
    return narrowed(resource, { where: visibleTo(caller) });
  }

  /** Each time counts: no change of the post, and none that an entry tells of. */
  async read(_: Resource<PostRow>, row: PostRow): Promise<PostRow> {
    const [counted] = await this.tenancy.write<Pick<PostRow, 'view_count'>>({
      name: 'post_viewed',
      text: `update posts set view_count = view_count + 1 where organization_id = $1::uuid and id = $2::uuid returning view_count`,
      values: [currentPlacement().organizationId, row.id],
    });
    return Object.assign(row, counted);
  }

  async create(resource: Resource<PostRow>, input: Input, id: string): Promise<PostRow> {
    const me = currentWriter();
    assertMay({ author_id: me.id, status: 'published' }, input, me);
    await this.rows.holdBoard(boardOf(resource));
    await this.holdCategory(resource, input);
    return this.writer.insert(resource, { ...input, author_id: me.id }, { id });
  }

  async update(resource: Resource<PostRow>, id: string, input: Input, versions: Versions): Promise<PostRow> {
    const me = currentWriter();
    const post = await this.hold(resource, id, 'living');
    assertOwnOr(resource, 'update', post, me);
    assertMay(post, input, me);
    await this.holdCategory(resource, input);
    return this.writer.change(asOwn(resource, post, me), id, input, versions);
  }

  async delete(resource: Resource<PostRow>, id: string, versions: Versions): Promise<void> {
    const me = currentWriter();
    const post = await this.hold(resource, id, 'living');
    assertOwnOr(resource, 'delete', post, me);
    await this.writer.delete(asOwn(resource, post, me), id, versions);
    await this.rows.takeAlong(id, CHILDREN.post);
  }

  async hardDelete(resource: Resource<PostRow>, id: string, versions: Versions): Promise<void> {
    await this.hold(resource, id, 'any');
    await this.rows.removeAll(id, CHILDREN.post);
    await this.writer.hardDelete(resource, id, versions);
  }

  /** Where its category is gone it does not come back: it would stand in none that lives. */
  async restore(resource: Resource<PostRow>, id: string, versions: Versions): Promise<PostRow> {
    await this.rows.holdBoard(boardOf(resource));
    const { category_id: category } = await this.hold(resource, id, 'any');
    if (category !== null && !(await this.isHeldCategory(resource, category)))
      throw Conflict({ errors: [{ path: 'category_id', code: 'deleted', message: 'was deleted meanwhile' }] });
    const row = await this.writer.restore(resource, id, versions);
    await this.rows.bringBack(id, CHILDREN.post);
    return row;
  }

  private async hold(resource: Resource<PostRow>, id: string, which: 'living' | 'any'): Promise<HeldPost> {
    const post = await heldRow<HeldPost, PostRow>(this.tenancy, resource, id, which);
    if (post === undefined) throw NotFound();
    return post;
  }

  /** @throws ValidationFailed for a category that is none of this board's */
  private async holdCategory(resource: Resource<PostRow>, { category_id: category }: Input): Promise<void> {
    if (category === undefined || category === null || (await this.isHeldCategory(resource, category))) return;
    throw ValidationFailed({ errors: [notFoundAt('category_id')] });
  }

  /** Nobody deletes it until the unit of work ends. */
  private async isHeldCategory(resource: Resource<PostRow>, category: unknown): Promise<boolean> {
    const found = await this.rows.find(
      `select id from board_categories where organization_id = $1::uuid and board_id = $2::uuid and id = $3::uuid and deleted_at is null for share`,
      boardOf(resource),
      category,
    );
    return found !== undefined;
  }
}

const boardOf = ({ parentId = '' }: Resource<PostRow>): string => parentId;

import { Injectable } from '@nestjs/common';
import type { Action } from '../../../platform/access/index.js';
import {
  type Input,
  type Resource,
  ResourceWriter,
  type UseCases,
  type Versions,
} from '../../../platform/resources/index.js';
import { ChildRows } from '../children/child-rows.js';
import { BoardAccess } from '../rights/board-access.js';
import type { CategoryRow } from './category.dto.js';
import { CategoryInUse } from './categories.problems.js';

/** Categories are arranged by whoever has the permission and may read the board. */
@Injectable()
export class CategoriesService implements UseCases<CategoryRow> {
  constructor(
    private readonly writer: ResourceWriter,
    private readonly access: BoardAccess,
    private readonly rows: ChildRows,
  ) {}

  async reachable(resource: Resource<CategoryRow>, _: Action): Promise<Resource<CategoryRow>> {
    await this.access.board(boardOf(resource), await this.access.caller());
    return resource;
  }

  async create(resource: Resource<CategoryRow>, input: Input, id: string): Promise<CategoryRow> {
    await this.rows.holdBoard(boardOf(resource));
    return this.writer.insert(resource, input, { id });
  }

  /** Whoever puts a post into it holds the category: so none comes in after it was looked for. */
  async delete(resource: Resource<CategoryRow>, id: string, versions: Versions): Promise<void> {
    await this.rows.hold(
      `select id from board_categories where organization_id = $1::uuid and board_id = $2::uuid and id = $3::uuid and deleted_at is null for update`,
      boardOf(resource),
      id,
    );
    const used = await this.rows.find(
      `select id from posts where organization_id = $1::uuid and board_id = $2::uuid and category_id = $3::uuid and deleted_at is null limit 1`,
      boardOf(resource),
      id,
    );
    if (used !== undefined) throw CategoryInUse();
    await this.writer.delete(resource, id, versions);
  }

  async restore(resource: Resource<CategoryRow>, id: string, versions: Versions): Promise<CategoryRow> {
    await this.rows.holdBoard(boardOf(resource));
    return this.writer.restore(resource, id, versions);
  }
}

const boardOf = ({ parentId = '' }: Resource<CategoryRow>): string => parentId;

import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  lowerOf,
  softDelete,
  stamps,
  tenantFilter,
  tenantKey,
  tenantReference,
  tenantWall,
  version,
} from '../../../platform/database/index.js';
import { Board } from '../boards/board.entity.js';

const BoardCategorySchema = defineEntity({
  name: 'BoardCategory',
  tableName: 'board_categories',
  ...tenantWall,
  filters: tenantFilter,
  uniques: [
    // what a post refers to: its category is one of its own board
    {
      name: 'board_categories_organization_id_board_id_id_key',
      properties: ['organizationId', 'boardId', 'id'],
    },
    {
      name: 'board_categories_organization_id_board_id_category_code_key',
      properties: ['organizationId', 'boardId', 'categoryCodeLower'],
      where: 'deleted_at is null',
    },
  ],
  indexes: [
    {
      name: 'board_categories_display_order_idx',
      properties: ['organizationId', 'boardId', 'displayOrder', 'id'],
      where: 'deleted_at is null',
    },
  ],
  properties: {
    ...tenantKey,
    boardId: p.uuid(),
    board: () => tenantReference(Board, { board_id: 'id' }),
    categoryCode: p.string().length(50),
    categoryCodeLower: lowerOf('category_code', 50),
    categoryName: p.string().length(200),
    displayOrder: p.integer().default(0),
    // the board that took it along when it was deleted; null when it went by itself
    deletedWith: p.uuid().nullable().hidden(),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class BoardCategory extends BoardCategorySchema.class {}
BoardCategorySchema.setClass(BoardCategory);

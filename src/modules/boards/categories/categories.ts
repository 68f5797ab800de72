import { defineResource } from '../../../platform/resources/index.js';
import { CategoryRow, CreateCategory } from './category.dto.js';
import { BoardCategory } from './category.entity.js';

export const Categories = defineResource({
  access: 'category',
  path: 'boards/:board_id/categories',
  idParameter: 'category_id',
  parent: 'board_id',
  entity: BoardCategory,
  create: CreateCategory,
  row: CategoryRow,
  filters: ['category_code', 'category_name', 'display_order'],
  search: ['category_code', 'category_name'],
  sort: ['category_code', 'category_name', 'display_order'],
  order: 'display_order',
});

import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  oneOf,
  searchedWall,
  softDelete,
  stamps,
  tenantFilter,
  tenantKey,
  tenantReference,
  version,
} from '../../../platform/database/index.js';
import { Board } from '../boards/board.entity.js';
import { BoardCategory } from '../categories/category.entity.js';

export const POST_STATUSES = ['draft', 'published', 'hidden'] as const;

/** The words of a post, and its organization as one word more: so the index narrows to one tenant where many share a table. */
const SEARCH = `(to_tsvector('simple'::regconfig, (title)::text || ' '::text || content) || array_to_tsvector(array['@'::text || (organization_id)::text])) stored`;

const PostSchema = defineEntity({
  name: 'Post',
  tableName: 'posts',
  // by posts_found
  ...searchedWall,
  filters: tenantFilter,
  checks: [
    oneOf('posts', 'status', POST_STATUSES),
    { name: 'posts_content_check', expression: 'char_length(content) <= 65536' },
  ],
  indexes: [
    {
      name: 'posts_created_at_idx',
      properties: ['organizationId', 'boardId', 'createdAt', 'id'],
      where: 'deleted_at is null',
    },
    {
      name: 'posts_is_pinned_idx',
      properties: ['organizationId', 'boardId', 'isPinned', 'createdAt', 'id'],
      where: 'deleted_at is null',
    },
    // of the deleted too: the keys of boards and categories are checked by it
    { name: 'posts_category_id_idx', properties: ['organizationId', 'boardId', 'categoryId', 'createdAt', 'id'] },
    { name: 'posts_search_idx', properties: ['search'], type: 'gin' },
  ],
  properties: {
    ...tenantKey,
    boardId: p.uuid(),
    board: () => tenantReference(Board, { board_id: 'id' }),
    categoryId: p.uuid().nullable(),
    category: () => tenantReference(BoardCategory, { board_id: 'board_id', category_id: 'id' }).nullable(),
    title: p.string().length(200),
    content: p.text(),
    authorId: p.uuid().nullable(),
    isPinned: p.boolean().default(false),
    status: p.string().length(10).default('published').$type<(typeof POST_STATUSES)[number]>(),
    viewCount: p.integer().default(0),
    commentCount: p.integer().default(0),
    search: p.string().columnType('tsvector').generated(SEARCH).nullable().hidden().lazy(),
    // the board that took it along when it was deleted; null when it went by itself
    deletedWith: p.uuid().nullable().hidden(),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Post extends PostSchema.class {}
PostSchema.setClass(Post);

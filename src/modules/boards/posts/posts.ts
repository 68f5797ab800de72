import { accessTo } from '../../../platform/access/index.js';
import { defineResource } from '../../../platform/resources/index.js';
import { CreatePost, PostRow } from './post.dto.js';
import { Post } from './post.entity.js';

/** What posts and comments ask alike: reading them is reading the board, and one's own are changed by everyone who has post_create. */
export const ASKED_OF_WRITERS = {
  read: accessTo('board', 'read'),
  update: accessTo('post', 'update', { own: 'create' }),
  delete: accessTo('post', 'delete', { own: 'create' }),
} as const;

export const Posts = defineResource({
  access: 'post',
  asks: ASKED_OF_WRITERS,
  path: 'boards/:board_id/posts',
  parent: 'board_id',
  entity: Post,
  create: CreatePost,
  row: PostRow,
  filters: ['category_id', 'author_id', 'is_pinned', 'status', 'title', 'view_count', 'comment_count'],
  search: (words, row) => `${row}"id" in (select posts_found(${words}))`,
  sort: ['is_pinned', 'title', 'status', 'view_count', 'comment_count'],
  people: { author: 'author_id' },
});

import { defineResource } from '../../../platform/resources/index.js';
import { ASKED_OF_WRITERS } from '../posts/posts.js';
import { CommentRow, CreateComment, UpdateComment } from './comment.dto.js';
import { Comment } from './comment.entity.js';

export const Comments = defineResource({
  access: 'post',
  asks: ASKED_OF_WRITERS,
  path: 'posts/:post_id/comments',
  parent: 'post_id',
  entity: Comment,
  create: CreateComment,
  update: UpdateComment,
  row: CommentRow,
  filters: ['parent_id', 'author_id', 'status'],
  search: ['content'],
  sort: ['status'],
  people: { author: 'author_id' },
});

import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  oneOf,
  softDelete,
  stamps,
  tenantFilter,
  tenantKey,
  tenantReference,
  tenantWall,
  version,
} from '../../../platform/database/index.js';
import { Post } from '../posts/post.entity.js';

export const COMMENT_STATUSES = ['published', 'hidden'] as const;

const CommentSchema = defineEntity({
  name: 'Comment',
  tableName: 'comments',
  ...tenantWall,
  filters: tenantFilter,
  checks: [
    oneOf('comments', 'status', COMMENT_STATUSES),
    { name: 'comments_content_check', expression: 'char_length(content) <= 65536' },
  ],
  // what a reply refers to: its parent is a comment of its own post
  uniques: [{ name: 'comments_organization_id_post_id_id_key', properties: ['organizationId', 'postId', 'id'] }],
  indexes: [
    {
      name: 'comments_created_at_idx',
      properties: ['organizationId', 'postId', 'createdAt', 'id'],
      where: 'deleted_at is null',
    },
    { name: 'comments_parent_id_idx', properties: ['organizationId', 'postId', 'parentId'] },
  ],
  properties: {
    ...tenantKey,
    postId: p.uuid(),
    post: () => tenantReference(Post, { post_id: 'id' }),
    parentId: p.uuid().nullable(),
    parent: () => tenantReference(Comment, { post_id: 'post_id', parent_id: 'id' }).nullable(),
    content: p.text(),
    authorId: p.uuid().nullable(),
    status: p.string().length(10).default('published').$type<(typeof COMMENT_STATUSES)[number]>(),
    // the board, post or comment that took it along when it was deleted; null when it went by itself
    deletedWith: p.uuid().nullable().hidden(),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Comment extends CommentSchema.class {}
CommentSchema.setClass(Comment);

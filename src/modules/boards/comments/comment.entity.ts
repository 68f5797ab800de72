import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  oneOf,
  softDelete,
  stamps,
  tenantFilter,
  tenantKey,
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
    post: () =>
      p
        .manyToOne(Post)
        .ref()
        .joinColumns('organization_id', 'post_id')
        .referencedColumnNames('organization_id', 'id')
        .columnTypes('uuid', 'uuid')
        .ownColumns()
        .deleteRule('no action')
        .updateRule('no action')
        .deferMode('immediate'),
    parentId: p.uuid().nullable(),
    parent: () =>
      p
        .manyToOne(Comment)
        .ref()
        .nullable()
        .joinColumns('organization_id', 'post_id', 'parent_id')
        .referencedColumnNames('organization_id', 'post_id', 'id')
        .columnTypes('uuid', 'uuid', 'uuid')
        .ownColumns()
        .deleteRule('no action')
        .updateRule('no action')
        .deferMode('immediate'),
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

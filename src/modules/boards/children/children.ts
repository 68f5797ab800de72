import type { Statement } from '../../../platform/database/index.js';
import type { Sql } from '../../../platform/resources/index.js';
import { actorIn, audited } from './audited.js';

/** Rows that go and come back with another: a table, and which of its rows; `$2` is the id of the row that they go with. */
export interface Children {
  readonly table: 'board_groups' | 'board_categories' | 'posts' | 'comments';
  readonly below: string;
}

const OF_BOARD = '"board_id" = $2::uuid';
const OF_POST = '"post_id" = $2::uuid';
const OF_POSTS_OF_BOARD = `"post_id" in (select "id" from posts where "organization_id" = $1::uuid and ${OF_BOARD})`;
/** All replies below a comment, whoever wrote them; the comment itself is not among them. */
const REPLIES = `"id" in (with recursive below as (
    select r."id", r."post_id" from comments r join comments c on c."organization_id" = r."organization_id" and c."post_id" = r."post_id" and c."id" = r."parent_id"
      where c."organization_id" = $1::uuid and c."id" = $2::uuid
    union all
    select r."id", r."post_id" from comments r join below b on r."organization_id" = $1::uuid and r."post_id" = b."post_id" and r."parent_id" = b."id"
  ) select "id" from below)`;

/** The highest first: whoever writes a comment holds its post. */
export const CHILDREN = {
  board: [
    { table: 'board_categories', below: OF_BOARD },
    { table: 'posts', below: OF_BOARD },
    { table: 'comments', below: OF_POSTS_OF_BOARD },
  ],
  post: [{ table: 'comments', below: OF_POST }],
  comment: [{ table: 'comments', below: REPLIES }],
} satisfies Record<string, readonly Children[]>;

/** A board's rights have no life of their own: they stay while it is deleted, and are removed with it. */
export const GROUPS_OF_BOARD: Children = { table: 'board_groups', below: OF_BOARD };

const stamps = (sql: Sql): string =>
  `"version" = t."version" + 1, "updated_at" = now(), "updated_by" = ${actorIn(sql)}`;
const deletedAt = (before: string, after: string): string =>
  `jsonb_build_object('before', jsonb_build_object('deleted_at', ${before}), 'after', jsonb_build_object('deleted_at', ${after}))`;

/** Deletes the living ones softly and notes with which row they went. */
export const takeAlong = (organizationId: string, above: string, { table, below }: Children): Statement =>
  audited(organizationId, above, {
    table,
    action: 'delete',
    change: (sql) => `update ${table} as t set "deleted_at" = now(), "deleted_with" = $2::uuid, ${stamps(sql)}
      where "organization_id" = $1::uuid and "deleted_at" is null and ${below} returning t."id", t."deleted_at"`,
    told: deletedAt('null', '"deleted_at"'),
  });

/** Brings back exactly those that went with the row: what was deleted before it stays deleted. */
export const bringBack = (organizationId: string, above: string, { table, below }: Children): Statement =>
  audited(organizationId, above, {
    table,
    action: 'restore',
    first: `gone as materialized (select "id", "deleted_at" from ${table}
      where "organization_id" = $1::uuid and "deleted_with" = $2::uuid and ${below})`,
    change: (sql) => `update ${table} as t set "deleted_at" = null, "deleted_with" = null, ${stamps(sql)} from gone
      where t."organization_id" = $1::uuid and t."id" = gone."id" returning t."id", gone."deleted_at"`,
    told: deletedAt('"deleted_at"', 'null'),
  });

/** What an entry of a removed row leaves out: what each row has, and what is derived. */
const LEFT_OUT = `'{organization_id,id,version,created_at,updated_at,created_by,updated_by,deleted_at,deleted_with,search,category_code_lower}'::text[]`;

/** Removes them for good, deleted before or not; the count is that of the living. */
export const removeAll = (organizationId: string, above: string, { table, below }: Children): Statement =>
  audited(organizationId, above, {
    table,
    action: 'delete',
    change: () => `delete from ${table} as t where "organization_id" = $1::uuid and ${below} returning t.*`,
    told: `jsonb_build_object('before', to_jsonb(changed) - ${LEFT_OUT})`,
    ...(table === 'board_groups' ? {} : { counted: 'count(*) filter (where "deleted_at" is null)' }),
  });

import type { Statement } from '../../../platform/database/index.js';
import { auditContext } from '../../../platform/tenancy/index.js';

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

/** The deepest first, as keys ask when rows are removed. */
export const CHILDREN = {
  board: [
    { table: 'comments', below: OF_POSTS_OF_BOARD },
    { table: 'posts', below: OF_BOARD },
    { table: 'board_categories', below: OF_BOARD },
  ],
  post: [{ table: 'comments', below: OF_POST }],
  comment: [{ table: 'comments', below: REPLIES }],
} satisfies Record<string, readonly Children[]>;

/** A board's rights have no life of their own: they stay while it is deleted, and are removed with it. */
export const GROUPS_OF_BOARD: Children = { table: 'board_groups', below: OF_BOARD };

const ENTRY = `insert into audit_log (organization_id, id, actor_id, actor_kind, action, resource, resource_id, changes, request_id, ip, user_agent)
  select $1::uuid, uuidv7(), $3::uuid, $4::text`;
const CONTEXT = '$5::text, $6::text, $7::text';

function statement(organizationId: string, root: string, text: string): Statement {
  const { actorId, actorKind, requestId, ip, userAgent } = auditContext();
  return { text, values: [organizationId, root, actorId, actorKind, requestId, ip, userAgent] };
}

const entries = (action: string, table: string, changes: string): string =>
  `"#entries" as (${ENTRY}, '${action}', '${table}', "id", ${changes}, ${CONTEXT} from changed)`;
const STAMPS = `"version" = t."version" + 1, "updated_at" = now(), "updated_by" = $3::uuid`;

/** What each statement below answers. */
export interface Counted {
  /** how many rows it changed */
  readonly count: number;
}

/** Deletes the living ones softly and notes with which row they went. */
export const takeAlong = (organizationId: string, root: string, { table, below }: Children): Statement =>
  statement(
    organizationId,
    root,
    `with changed as (update ${table} as t set "deleted_at" = now(), "deleted_with" = $2::uuid, ${STAMPS}
        where "organization_id" = $1::uuid and "deleted_at" is null and ${below} returning t."id", t."deleted_at"),
      ${entries('delete', table, `jsonb_build_object('before', jsonb_build_object('deleted_at', null), 'after', jsonb_build_object('deleted_at', "deleted_at"))`)}
      select count(*)::int as count from changed`,
  );

/** Brings back exactly those that went with the row: what was deleted before it stays deleted. */
export const bringBack = (organizationId: string, root: string, { table, below }: Children): Statement =>
  statement(
    organizationId,
    root,
    `with gone as materialized (select "id", "deleted_at" from ${table}
        where "organization_id" = $1::uuid and "deleted_with" = $2::uuid and ${below}),
      changed as (update ${table} as t set "deleted_at" = null, "deleted_with" = null, ${STAMPS} from gone
        where t."organization_id" = $1::uuid and t."id" = gone."id" returning t."id", gone."deleted_at"),
      ${entries('restore', table, `jsonb_build_object('before', jsonb_build_object('deleted_at', "deleted_at"), 'after', jsonb_build_object('deleted_at', null))`)}
      select count(*)::int as count from changed`,
  );

/** What an entry of a removed row leaves out: what each row has, and what is derived. */
const LEFT_OUT = `'{organization_id,id,version,created_at,updated_at,created_by,updated_by,deleted_at,deleted_with,search,category_code_lower}'::text[]`;

/** Removes them for good, deleted before or not; `count` is that of the living. */
export const removeAll = (organizationId: string, root: string, { table, below }: Children): Statement =>
  statement(
    organizationId,
    root,
    `with changed as (delete from ${table} as t where "organization_id" = $1::uuid and ${below} returning t.*),
      ${entries('delete', table, `jsonb_build_object('before', to_jsonb(changed) - ${LEFT_OUT})`)}
      select count(*) filter (where ${table === 'board_groups' ? 'true' : '"deleted_at" is null'})::int as count from changed`,
  );

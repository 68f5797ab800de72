import type { Statement } from '../../../platform/database/index.js';
import { actorIn, audited } from '../children/audited.js';

/** A property of what is sent and answered, by the right that its groups have. */
export const GROUP_LISTS = { read: 'read_group_ids', write: 'write_group_ids' } as const;
export type GroupAccess = keyof typeof GROUP_LISTS;

/** The ids of a board's groups with this right, as they are answered: jsonb, in order. `row` stands before the board's columns. */
export const groupIds = (access: GroupAccess) => (row: string) =>
  `(select coalesce(jsonb_agg(g."group_id" order by g."group_id"), '[]') from board_groups g
    where g."organization_id" = ${row}"organization_id" and g."board_id" = ${row}"id" and g."access" = '${access}')`;

/** Takes the right from all groups but these. */
export const withdraw = (
  organizationId: string,
  boardId: string,
  access: GroupAccess,
  ids: readonly string[],
): Statement =>
  audited(organizationId, boardId, {
    table: 'board_groups',
    action: 'delete',
    change: (sql) => `delete from board_groups where "organization_id" = $1::uuid and "board_id" = $2::uuid
      and "access" = ${sql.typed(access, 'text')} and "group_id" <> all (${sql.typed(ids, 'uuid[]')}) returning *`,
    told: `jsonb_build_object('before', ${COLUMNS})`,
  });

/** Gives the right to those of these groups that do not have it. */
export const grant = (
  organizationId: string,
  boardId: string,
  access: GroupAccess,
  ids: readonly string[],
): Statement =>
  audited(organizationId, boardId, {
    table: 'board_groups',
    action: 'create',
    change: (
      sql,
    ) => `insert into board_groups ("organization_id", "id", "board_id", "group_id", "access", "created_by", "updated_by")
      select $1::uuid, uuidv7(), $2::uuid, g, ${sql.typed(access, 'text')}, ${actorIn(sql)}, ${actorIn(sql)} from unnest(${sql.typed(ids, 'uuid[]')}) g
      on conflict ("organization_id", "board_id", "group_id", "access") do nothing returning *`,
    told: `jsonb_build_object('after', ${COLUMNS})`,
  });

const COLUMNS = `jsonb_build_object('board_id', "board_id", 'group_id', "group_id", 'access', "access")`;

import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  oneOf,
  stamps,
  tenantFilter,
  tenantKey,
  tenantReference,
  tenantWall,
} from '../../../platform/database/index.js';
import { Board } from './board.entity.js';

/** A right of a group of core on a board. A group that may write may read too; boards-rights.ts says what the rows mean together. */
const BoardGroupSchema = defineEntity({
  name: 'BoardGroup',
  tableName: 'board_groups',
  ...tenantWall,
  filters: tenantFilter,
  checks: [oneOf('board_groups', 'access', ['read', 'write'])],
  uniques: [
    {
      name: 'board_groups_organization_id_board_id_group_id_access_key',
      properties: ['organizationId', 'boardId', 'groupId', 'access'],
    },
  ],
  indexes: [{ name: 'board_groups_group_id_idx', properties: ['organizationId', 'groupId'] }],
  properties: {
    ...tenantKey,
    boardId: p.uuid(),
    board: () => tenantReference(Board, { board_id: 'id' }),
    groupId: p.uuid(),
    access: p.string().length(5).$type<'read' | 'write'>(),
    ...stamps,
  },
});
export class BoardGroup extends BoardGroupSchema.class {}
BoardGroupSchema.setClass(BoardGroup);

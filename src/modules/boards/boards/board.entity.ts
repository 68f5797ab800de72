import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  lowerOf,
  oneOf,
  softDelete,
  stamps,
  tenantFilter,
  tenantKey,
  tenantWall,
  version,
} from '../../../platform/database/index.js';

export const BOARD_TYPES = ['notice', 'forum', 'qna', 'gallery'] as const;

const BoardSchema = defineEntity({
  name: 'Board',
  tableName: 'boards',
  ...tenantWall,
  filters: tenantFilter,
  checks: [oneOf('boards', 'board_type', BOARD_TYPES)],
  uniques: [
    {
      name: 'boards_organization_id_board_code_key',
      properties: ['organizationId', 'boardCodeLower'],
      where: 'deleted_at is null',
    },
  ],
  indexes: [
    {
      name: 'boards_created_at_idx',
      properties: ['organizationId', 'createdAt', 'id'],
      where: 'deleted_at is null',
    },
  ],
  properties: {
    ...tenantKey,
    boardCode: p.string().length(50),
    boardCodeLower: lowerOf('board_code', 50),
    boardName: p.string().length(100),
    description: p.text().nullable(),
    boardType: p.string().length(10).default('notice').$type<(typeof BOARD_TYPES)[number]>(),
    displayOrder: p.integer().default(0),
    allowComments: p.boolean().default(true),
    allowAttachments: p.boolean().default(true),
    settings: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Board extends BoardSchema.class {}
BoardSchema.setClass(Board);

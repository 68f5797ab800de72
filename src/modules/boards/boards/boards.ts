import { defineResource } from '../../../platform/resources/index.js';
import { BoardRow, CreateBoard } from './board.dto.js';
import { Board } from './board.entity.js';
import { groupIds } from './board-groups.js';

export const Boards = defineResource({
  access: 'board',
  path: 'boards',
  entity: Board,
  create: CreateBoard,
  row: BoardRow,
  filters: ['board_code', 'board_name', 'board_type', 'display_order', 'allow_comments', 'allow_attachments'],
  search: ['board_code', 'board_name', 'description'],
  sort: ['board_code', 'board_name', 'board_type', 'display_order'],
  computed: {
    read_group_ids: { type: 'jsonb', sql: groupIds('read') },
    write_group_ids: { type: 'jsonb', sql: groupIds('write') },
  },
  beside: ['read_group_ids', 'write_group_ids'],
});

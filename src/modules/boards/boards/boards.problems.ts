import { defineProblem } from '../../../common/problem.js';

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'boards_organization_id_board_code_key',
  field: 'board_code',
});

import { defineProblem } from '../../../common/problem.js';

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'exports_unfinished_key',
  detail: 'An export of this tenant is being made: one at a time.',
});

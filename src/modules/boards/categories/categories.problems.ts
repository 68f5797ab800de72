import { defineProblem } from '../../../common/problem.js';

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'board_categories_organization_id_board_id_category_code_key',
  field: 'category_code',
});
/** Posts that are deleted softly still name their category: it can be removed once they are gone for good. */
export const CategoryInUse = defineProblem({
  code: 'in_use',
  status: 409,
  detail: 'Posts are in this category.',
  constraint: 'posts_organization_id_board_id_category_id_foreign',
});

import { defineProblem, invalid } from '../../common/problem.js';

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'user_groups_organization_id_group_code_key',
  field: 'group_code',
});

export const SystemGroup = defineProblem({
  code: 'conflict',
  status: 409,
  detail: 'A group of the system keeps its code and its name, and is not deleted.',
  constraint: 'user_groups_system_check',
});

/** Nobody is put into the group of all, nor taken out of it. */
export const computedGroup = () =>
  invalid('group_id', 'computed_group', 'has all members of the tenant, and no others');

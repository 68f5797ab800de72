import { defineProblem, ValidationFailed } from '../../common/problem.js';

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'menus_organization_id_menu_code_key',
  field: 'menu_code',
});

/** What would make of the menus something that is no tree of five levels; the database finds it when all is written. */
const refusedParent = (constraint: string, faultCode: string, message: string) =>
  defineProblem({
    code: 'validation_failed',
    status: ValidationFailed.definition.status,
    constraint,
    field: 'parent_id',
    faultCode,
    message,
  });
refusedParent('menus_no_cycle_check', 'cycle', 'would put the menu below itself');
refusedParent('menus_depth_check', 'max_depth', 'would make more than five levels');
refusedParent('menus_living_parent_check', 'not_found', 'does not exist');

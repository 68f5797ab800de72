import { defineProblem } from '../../common/problem.js';

// What the constraints of users and memberships say to a caller.

defineProblem({
  code: 'conflict',
  status: 409,
  constraint: ['users_organization_id_username_key', 'users_platform_username_key'],
  field: 'username',
});
defineProblem({
  code: 'conflict',
  status: 409,
  constraint: ['users_organization_id_email_key', 'users_platform_email_key'],
  field: 'email',
});
defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: 'user_tenant_associations_organization_id_reports_to_id_foreign',
  field: 'reports_to_id',
  faultCode: 'not_found',
});
defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: ['user_tenant_associations_no_cycle_check', 'user_tenant_associations_own_superior_check'],
  field: 'reports_to_id',
  faultCode: 'cycle',
  message: 'would stand above himself',
});
defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: 'user_roles_living_role_check',
  field: 'role_id',
  faultCode: 'not_found',
});

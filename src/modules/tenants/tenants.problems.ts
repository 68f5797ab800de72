import { defineProblem } from '../../common/problem.js';

const taken = (field: string, constraint: string) =>
  defineProblem({ code: 'conflict', status: 409, constraint, field });

// What the constraints of organizations say to a caller.

taken('tenant_code', 'organizations_tenant_code_key');
taken('subdomain', 'organizations_subdomain_key');
taken('domain', 'organizations_domain_key');
defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: 'subscriptions_plan_code_foreign',
  field: 'license_tier',
  faultCode: 'not_found',
});

import { defineProblem } from '../../common/problem.js';

const taken = (field: string, constraint: string) =>
  defineProblem({ code: 'conflict', status: 409, constraint, field });

taken('tenant_code', 'organizations_tenant_code_key');
taken('subdomain', 'organizations_subdomain_key');
taken('domain', 'organizations_domain_key');
defineProblem({
  code: 'conflict',
  status: 409,
  constraint: 'organizations_purge_check',
  field: 'tenant_id',
  message: 'is being purged: it does not come back',
});
defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: 'subscriptions_plan_code_foreign',
  field: 'license_tier',
  faultCode: 'not_found',
});

import { defineProblem } from '../../common/problem.js';

const taken = (field: string, constraint: string) =>
  defineProblem({ code: 'conflict', status: 409, constraint, field });

export const TenantCodeTaken = taken('tenant_code', 'organizations_tenant_code_key');
export const SubdomainTaken = taken('subdomain', 'organizations_subdomain_key');
export const DomainTaken = taken('domain', 'organizations_domain_key');
export const PlanUnknown = defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: 'subscriptions_plan_code_foreign',
  field: 'license_tier',
  faultCode: 'not_found',
});

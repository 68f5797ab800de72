import { Injectable } from '@nestjs/common';
import { BadRequest } from '../../common/problem.js';
import { TenantNames, type IncomingRequest } from '../../platform/access/index.js';

/** The tenant that an anonymous call names. `unknown`: it names one that is not. */
export type NamedTenant =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tenant'; readonly organizationId: string };

const NONE: NamedTenant = { kind: 'none' };
const UNKNOWN: NamedTenant = { kind: 'unknown' };

/** Where an anonymous call names its tenant (api.md, "Who"): `tenant_code` in the body, `X-Tenant`, or the host. */
@Injectable()
export class LoginTenant {
  constructor(private readonly names: TenantNames) {}

  /** The tenant that usernames without one belong to: where one alone is served, that one. */
  get only(): string | undefined {
    return this.names.only;
  }

  async of(code: string | null | undefined, request: IncomingRequest): Promise<NamedTenant> {
    const header = request.headers['x-tenant'];
    const inHeader = typeof header === 'string' && header !== '' ? header : undefined;
    if (inHeader !== undefined && this.only !== undefined)
      throw BadRequest({ detail: 'One tenant is served here: X-Tenant is not taken.' });
    const named = code ?? inHeader;
    // a name that is no tenant's stays a name; a host that is none's is a host as others are
    const organizationId =
      named === undefined ? await this.names.findByHost(request.host) : await this.names.find(named);
    if (organizationId === null) return NONE;
    return organizationId === undefined ? UNKNOWN : { kind: 'tenant', organizationId };
  }
}

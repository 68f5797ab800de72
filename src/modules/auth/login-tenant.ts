import { Inject, Injectable } from '@nestjs/common';
import { BadRequest } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { TenantDirectory, type IncomingRequest } from '../../platform/access/index.js';

/** The tenant that an anonymous call names. `unknown`: it names one that is not. */
export type NamedTenant =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tenant'; readonly organizationId: string };

const NONE: NamedTenant = { kind: 'none' };

/** Where an anonymous call names its tenant (api.md, "Who"): `tenant_code` in the body, `X-Tenant`, or the host. */
@Injectable()
export class LoginTenant {
  constructor(
    private readonly directory: TenantDirectory,
    @Inject(CONFIG) private readonly config: Pick<Config, 'baseDomain'>,
  ) {}

  /** The tenant that usernames without one belong to: where one alone is served, that one. */
  get only(): string | undefined {
    return this.directory.only;
  }

  async of(code: string | null | undefined, request: IncomingRequest): Promise<NamedTenant> {
    const header = request.headers['x-tenant'];
    const inHeader = typeof header === 'string' && header !== '' ? header : undefined;
    if (inHeader !== undefined && this.only !== undefined)
      throw BadRequest({ detail: 'One tenant is served here: X-Tenant is not taken.' });
    const named = code ?? inHeader;
    if (named !== undefined) return this.find(named, { kind: 'unknown' });
    const label = hostLabel(request.headers.host, this.config.baseDomain);
    // `www` and `api` are hosts as well
    return label === undefined ? NONE : this.find(label, NONE);
  }

  private async find(name: string, otherwise: NamedTenant): Promise<NamedTenant> {
    const organizationId = await this.directory.find(name);
    return organizationId === undefined ? otherwise : { kind: 'tenant', organizationId };
  }
}

/** `acme` of `acme.example.com:3000` under the base domain `example.com`; undefined for any other host. */
export function hostLabel(host: string | string[] | undefined, baseDomain: string | undefined): string | undefined {
  if (typeof host !== 'string' || baseDomain === undefined) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, '');
  const suffix = `.${baseDomain.toLowerCase()}`;
  const label = name.endsWith(suffix) ? name.slice(0, -suffix.length) : '';
  return label === '' || label.includes('.') ? undefined : label;
}

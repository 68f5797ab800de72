import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { isUuid } from '../../common/ids.js';
import { BadRequest, NotFound, Unauthenticated } from '../../common/problems.js';
import { currentScope, fillScope } from '../tenancy/index.js';
import type { ProtectedAccess } from './access.js';
import { Authenticator, type Claims, type IncomingRequest } from './authenticator.js';
import { decide } from './chain.js';
import { accessOf } from './decorators.js';
import { refused } from './refusals.js';
import type { Snapshot } from './snapshot.js';
import { Snapshots } from './snapshots.js';
import { TenantNames } from './tenant-names.js';

/**
 * The one guard of all routes: authenticates, finds the caller's snapshot, asks the three layers and fills the request's
 * scope. While token and snapshot are in memory all of it is synchronous.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly snapshots: Snapshots,
    private readonly names: TenantNames,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getHandler());
    // the boot refuses such a route; this is for one that was added later
    if (access === undefined) throw new Error(`${context.getHandler().name} declares no access`);
    if (access.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const claims = this.authenticator.peek(request);
    if (claims === undefined) return this.lookUp(access, request, claims);
    const named = this.namedBy(request, access, claims);
    const snapshot = this.known(claims, named);
    return snapshot === undefined ? this.lookUp(access, request, claims) : admit(access, snapshot, claims, named);
  }

  /** The tenant that a request names: by its header, and a platform user's also by `tenant_id` in what he posts (api.md, "Who"). */
  private namedBy(request: IncomingRequest, access: ProtectedAccess, { org }: Claims): string | undefined {
    const named = namedTenant(request);
    const mayPost = org === null && access.tenant === 'required' && this.names.only === undefined;
    return named === undefined && mayPost ? postedTenant(request) : named;
  }

  /** The snapshot, when everything that leads to it is in memory. */
  private known(claims: Claims, named: string | undefined): Snapshot | undefined {
    if (named !== undefined && this.names.only !== undefined) return undefined;
    const organizationId = claims.org ?? this.knownTenant(named);
    if (organizationId === undefined) return undefined;
    const snapshot = this.snapshots.peek(claims.sub, organizationId);
    return snapshot !== undefined && lives(claims, snapshot) ? snapshot : undefined;
  }

  /** The tenant that a platform user acts in: null for none, undefined when it must be looked up. */
  private knownTenant(named: string | undefined): string | null | undefined {
    return named === undefined ? (this.names.only ?? null) : this.names.peek(named);
  }

  private async lookUp(access: ProtectedAccess, request: IncomingRequest, known: Claims | undefined): Promise<boolean> {
    const claims = known ?? (await this.authenticator.verify(request));
    const named = this.namedBy(request, access, claims);
    if (named !== undefined && this.names.only !== undefined)
      throw BadRequest({ detail: 'One tenant is served here: X-Tenant is not taken.' });
    const organizationId = claims.org ?? (await this.tenantOf(named));
    const { sub, sid } = claims;
    if (sid !== null && this.snapshots.hasEnded(sub, organizationId, sid)) throw Unauthenticated();
    const kept = known === undefined ? this.snapshots.peek(sub, organizationId) : undefined;
    // a session that began after the snapshot was read is not in it yet
    const snapshot =
      kept !== undefined && lives(claims, kept) ? kept : await this.snapshots.load(sub, organizationId, sid);
    if (snapshot === undefined || !lives(claims, snapshot)) throw Unauthenticated();
    return admit(access, snapshot, claims, named);
  }

  private async tenantOf(named: string | undefined): Promise<string | null> {
    const organizationId = this.knownTenant(named) ?? (named === undefined ? null : await this.names.find(named));
    if (organizationId === undefined) throw NotFound();
    return organizationId;
  }
}

function admit(access: ProtectedAccess, snapshot: Snapshot, { org, sid }: Claims, named: string | undefined): true {
  // a token without a tenant is the platform's: its bearer must still be of it
  if (org === null && !snapshot.platform) throw Unauthenticated();
  const verdict = decide(access, { snapshot, named, byKey: sid === null });
  if (!verdict.passed) throw refused(verdict, { access, snapshot, byKey: sid === null });
  const actor = { kind: snapshot.platform ? 'platform' : 'user', id: snapshot.userId } as const;
  fillScope(currentScope(), actor, snapshot.placement, snapshot);
  return true;
}

const lives = ({ sid }: Claims, snapshot: Snapshot): boolean => sid === null || snapshot.hasSession(sid);

/** What the header names; one that is left empty names nothing. */
function namedTenant({ headers }: IncomingRequest): string | undefined {
  const header = headers['x-tenant'];
  if (header === undefined || header === '') return undefined;
  return typeof header === 'string' ? header : header.join();
}

function postedTenant({ method, body }: IncomingRequest): string | undefined {
  if (method !== 'POST' || typeof body !== 'object' || body === null || !('tenant_id' in body)) return undefined;
  return isUuid(body.tenant_id) ? body.tenant_id.toLowerCase() : undefined;
}

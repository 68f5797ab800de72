import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { isUuid } from '../../common/ids.js';
import { BadRequest, invalid, NotFound, Unauthenticated } from '../../common/problems.js';
import { currentScope, fillScope } from '../tenancy/index.js';
import type { ProtectedAccess } from './access.js';
import { Authenticator, type Claims, type IncomingRequest } from './authenticator.js';
import { decide } from './chain.js';
import { accessOf } from './decorators.js';
import type { Caller } from './layer.js';
import { PlatformVisits } from './platform-visits.js';
import { reasonFor, visits } from './reason.js';
import { refused } from './refusals.js';
import type { Snapshot } from './snapshot.js';
import { Snapshots } from './snapshots.js';
import { TenantNames } from './tenant-names.js';

/**
 * The one guard of all routes: authenticates, finds the caller's snapshot, asks the three layers and fills the request's
 * scope. While token, snapshot and host are in memory all of it is synchronous, but for a platform user who reads in a
 * tenant: he waits for the entry in its audit log.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly snapshots: Snapshots,
    private readonly names: TenantNames,
    private readonly visits: PlatformVisits,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getHandler());
    // the boot refuses such a route; this is for one that was added later
    if (access === undefined) throw new Error(`${context.getHandler().name} declares no access`);
    if (access.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const claims = this.authenticator.peek(request);
    if (claims === undefined) return this.lookUp(access, request);
    const host = claims.org === null ? null : this.names.peekByHost(request.host);
    if (host === undefined) return this.lookUp(access, request);
    const named = this.namedBy(request, access, claims);
    const snapshot = this.known(request, claims, named);
    if (snapshot === undefined) return this.lookUp(access, request, claims);
    return this.admit(access, request, claims, { snapshot, named, host, byKey: claims.sid === null });
  }

  /** The tenant that a request names: by its header, or by what `access.tenant` says of a platform user. */
  private namedBy(request: IncomingRequest, access: ProtectedAccess, { org }: Claims): string | undefined {
    if (org !== null || this.names.only !== undefined) return namedTenant(request);
    if (access.tenant === 'path') return tenantOfPath(request);
    return namedTenant(request) ?? (access.tenant === 'required' ? postedTenant(request) : undefined);
  }

  /** The snapshot, when everything that leads to it is in memory. */
  private known(request: IncomingRequest, claims: Claims, named: string | undefined): Snapshot | undefined {
    if (this.names.only !== undefined && namedTenant(request) !== undefined) return undefined;
    const organizationId = claims.org ?? this.knownTenant(named);
    if (organizationId === undefined) return undefined;
    const snapshot = this.snapshots.peek(claims.sub, organizationId);
    return snapshot !== undefined && lives(claims, snapshot) ? snapshot : undefined;
  }

  /** The tenant that a platform user acts in: null for none, undefined when it must be looked up. */
  private knownTenant(named: string | undefined): string | null | undefined {
    return named === undefined ? (this.names.only ?? null) : this.names.peek(named);
  }

  /** @param missed the claims, for which memory has no snapshot; left out when that is not known yet */
  private async lookUp(access: ProtectedAccess, request: IncomingRequest, missed?: Claims): Promise<boolean> {
    const claims = missed ?? (await this.authenticator.verify(request));
    const named = this.namedBy(request, access, claims);
    if (named !== undefined && this.names.only !== undefined)
      throw BadRequest({ detail: 'One tenant is served here: X-Tenant is not taken.' });
    const organizationId = claims.org ?? (await this.tenantOf(named, claims));
    const host = claims.org === null ? null : await this.names.findByHost(request.host);
    const kept = missed === undefined ? this.snapshots.peek(claims.sub, organizationId) : undefined;
    // a session that began after the snapshot was read is not in it yet
    const snapshot = kept !== undefined && lives(claims, kept) ? kept : await this.load(claims, organizationId);
    return this.admit(access, request, claims, { snapshot, named, host, byKey: claims.sid === null });
  }

  private async load(claims: Claims, organizationId: string | null): Promise<Snapshot> {
    const { sub, sid } = claims;
    if (sid !== null && this.snapshots.hasEnded(sub, organizationId, sid)) throw Unauthenticated();
    const snapshot = await this.snapshots.load(sub, organizationId, sid);
    if (snapshot === undefined || !lives(claims, snapshot)) throw Unauthenticated();
    return snapshot;
  }

  private async tenantOf(named: string | undefined, claims: Claims): Promise<string | null> {
    const organizationId = this.knownTenant(named) ?? (named === undefined ? null : await this.names.find(named));
    if (organizationId !== undefined) return organizationId;
    // whoever is not let in is not told either which tenants there are
    const { alive } = await this.load(claims, null);
    throw alive ? NotFound() : Unauthenticated();
  }

  private admit(
    access: ProtectedAccess,
    request: IncomingRequest,
    { org }: Claims,
    caller: Caller,
  ): true | Promise<true> {
    const { snapshot } = caller;
    // a token without a tenant is the platform's: its bearer must still be of it
    if (org === null && !snapshot.platform) throw Unauthenticated();
    const verdict = decide(access, caller);
    if (!verdict.passed) {
      // the tenant comes first: every other one is as one that is not, whatever he may do in his own
      if (access.tenant === 'path' && verdict.layer !== 'tenant' && namesAnother(request, snapshot)) throw NotFound();
      throw refused(verdict, { access, snapshot, byKey: caller.byKey });
    }
    if (access.tenant === 'path') assertOwnPath(request, snapshot);
    const scope = currentScope();
    const { userId: id, placement } = snapshot;
    if (!snapshot.platform) {
      fillScope(scope, { kind: 'user', id }, placement, snapshot);
      return true;
    }
    const reason = reasonFor(access, request, snapshot);
    fillScope(scope, { kind: 'platform', id }, placement, snapshot);
    if (reason !== undefined) scope.reason = reason;
    if (!reads(request) || !visits(access, snapshot)) return true;
    return this.visits.record(access, request).then(() => true);
  }
}

const lives = ({ sid }: Claims, snapshot: Snapshot): boolean => sid === null || snapshot.hasSession(sid);
const reads = ({ method }: IncomingRequest): boolean => method === 'GET' || method === 'HEAD';

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

function tenantOfPath({ params }: IncomingRequest): string | undefined {
  const id = params?.['tenant_id'];
  return isUuid(id) ? id.toLowerCase() : undefined;
}

function namesAnother(request: IncomingRequest, { organizationId }: Snapshot): boolean {
  const id = tenantOfPath(request);
  return id !== undefined && id !== organizationId;
}

/**
 * What a path names is judged behind the layers: to a tenant's user every other tenant is as one that is not.
 * @throws ValidationFailed for what is no id, NotFound
 */
function assertOwnPath(request: IncomingRequest, { organizationId }: Snapshot): void {
  const id = tenantOfPath(request);
  if (id === undefined) throw invalid('tenant_id', 'is_uuid', 'must be a UUID');
  if (id !== organizationId) throw NotFound();
}

import { describe, it, expect, beforeEach } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Problem } from '../../common/problem.js';
import { TokenExpired } from '../../common/problems.js';
import { emptyScope, runInScope, type Scope } from '../tenancy/index.js';
import { AccessGuard } from './access.guard.js';
import { Authenticator, type Claims, type IncomingRequest } from './authenticator.js';
import { PlatformOnly, Public, RequireAccess, SignedIn } from './decorators.js';
import { Freshness } from './freshness.js';
import { ModuleSet } from './module-set.js';
import { PermissionSet } from './permission-set.js';
import { Snapshot, type PersonStatus } from './snapshot.js';
import { SnapshotSource, type LoadedSnapshot } from './snapshot-source.js';
import { Snapshots } from './snapshots.js';
import { TenantDirectory, TenantNames } from './tenant-names.js';

const [acme, globex] = [newId(), newId()];
const [ann, root, gone] = [newId(), newId(), newId()];
const [s1, s2, s9] = [newId(), newId(), newId()];
const CODES = new Map([
  [acme, 'acme'],
  [globex, 'globex'],
]);
const { modules } = ModuleSet.decide({
  enabledModules: {},
  subscription: null,
  planModules: new Set(['crm']),
  freeModules: new Set<string>(),
  trials: new Map<string, number>(),
  now: 0,
});

class Handlers {
  @RequireAccess('crm.leads', 'read') leads() {}
  @RequireAccess('crm.leads', 'delete') remove() {}
  @SignedIn({ tenant: 'optional', session: true }) me() {}
  @PlatformOnly() plans() {}
  @Public() live() {}
  open() {}
}

/** The credential of a request is its claims as JSON; one is verified once and then remembered. */
class Tokens extends Authenticator {
  private readonly verified = new Map<string, Claims>();
  peek({ headers }: IncomingRequest): Claims | undefined {
    return this.verified.get(String(headers.authorization));
  }
  async verify({ headers }: IncomingRequest): Promise<Claims> {
    if (headers.authorization === 'expired') throw TokenExpired();
    const claims = JSON.parse(String(headers.authorization)) as Claims;
    this.verified.set(String(headers.authorization), claims);
    return claims;
  }
}

/** Two tenants; Ann is a member of Acme, Root of the platform. */
class Source extends SnapshotSource {
  loads = 0;
  readonly sessions = new Set([s1]);
  status: PersonStatus = 'active';
  codes = ['crm.read'];

  async load(
    userId: string,
    organizationId: string | null,
    sessionId: string | null,
  ): Promise<LoadedSnapshot | undefined> {
    this.loads++;
    const platform = userId === root;
    if (userId === gone || (!platform && organizationId === null)) return undefined;
    const placement = { organizationId: organizationId ?? '', epoch: 1, server: 'main', database: 'd', schema: 's' };
    const tenant = organizationId && {
      organizationId,
      code: CODES.get(organizationId) ?? '',
      status: 'active' as const,
      modules,
      placement,
    };
    const permissions = PermissionSet.of(this.codes.map((code) => ({ code, scope: 'own' })));
    const snapshot = Snapshot.of({
      userId,
      tenant: tenant || null,
      standing: {
        platform,
        superuser: platform,
        userStatus: this.status,
        memberStatus: platform ? null : 'active',
        roleCodes: [],
        priority: 0,
        recordScope: 'own',
        permissions,
      },
      sessions: [...this.sessions].filter((each) => each === sessionId || each === s1),
      validUntil: Infinity,
    });
    return { snapshot, versions: { organization: '0', everything: '0' } };
  }
  async teamOf(): Promise<readonly string[]> {
    return [];
  }
}

class Directory extends TenantDirectory {
  only: string | undefined = undefined;
  async find(codeOrId: string): Promise<string | undefined> {
    const wanted = codeOrId.toLowerCase();
    return [...CODES].find(([id, code]) => id === wanted || code === wanted)?.[0];
  }
}

describe('AccessGuard', () => {
  let source: Source;
  let directory: Directory;
  let freshness: Freshness;
  let guard: AccessGuard;
  let scope: Scope;
  beforeEach(() => {
    source = new Source();
    directory = new Directory();
    freshness = new Freshness();
    freshness.trust(new Map());
    guard = new AccessGuard(new Tokens(), new Snapshots(source, freshness), new TenantNames(directory, freshness));
  });

  const claims = (sub: string, org: string | null, sid: string | null = s1) =>
    JSON.stringify({ sub, org, sid, exp: 4_000_000_000 });
  const annsToken = claims(ann, acme);
  const roots = claims(root, null);

  /** What the guard answers as Nest calls it, in a request's scope of its own. */
  const call = (handler: keyof Handlers, authorization: string, tenant?: string): boolean | Promise<boolean> => {
    const headers = tenant === undefined ? { authorization } : { authorization, 'x-tenant': tenant };
    const context = {
      getHandler: () => Handlers.prototype[handler],
      switchToHttp: () => ({ getRequest: () => ({ headers }) }),
    } as unknown as ExecutionContext;
    scope = emptyScope();
    return runInScope(scope, () => guard.canActivate(context));
  };
  /** "true", or "status code". */
  const outcome = async (...args: Parameters<typeof call>): Promise<string> => {
    try {
      return String(await call(...args));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return `${error.status} ${error.code}`;
    }
  };

  it('lets everybody into a public route and looks at nothing', () => {
    expect(call('live', 'no JSON')).toBe(true);
    expect(scope.snapshot).toBeUndefined();
  });

  it('refuses a route that declares nothing, whoever comes', () => {
    expect(() => call('open', roots)).toThrow(/open declares no access/);
  });

  it('answers without a promise once token and snapshot are in memory', async () => {
    expect(await call('leads', annsToken)).toBe(true);
    expect(call('leads', annsToken)).toBe(true);
    expect(call('leads', annsToken, 'ACME')).toBe(true);
    expect(() => call('remove', annsToken)).toThrow(Problem);
    expect(await call('leads', roots, 'Acme')).toBe(true);
    expect(call('leads', roots, 'Acme')).toBe(true);
    expect(source.loads).toBe(2);
  });

  it("fills the request's scope with the caller, his tenant's placement and his snapshot", async () => {
    await call('leads', annsToken);
    expect(scope.actor).toEqual({ kind: 'user', id: ann });
    expect(scope.placement).toMatchObject({ organizationId: acme, schema: 's' });
    expect(scope.snapshot).toMatchObject({ userId: ann, organizationId: acme });
    await call('leads', roots, 'globex');
    expect(scope.actor).toEqual({ kind: 'platform', id: root });
    expect(scope.placement).toMatchObject({ organizationId: globex });
    await call('me', roots);
    expect(scope).toMatchObject({ actor: { kind: 'platform', id: root }, snapshot: { organizationId: null } });
    expect(scope.placement).toBeUndefined();
  });

  it('leaves the scope of a refused request empty', async () => {
    expect(await outcome('remove', annsToken)).toBe('403 permission_denied');
    expect(scope.snapshot).toBeUndefined();
    expect(scope.placement).toBeUndefined();
  });

  it.each<[string, Parameters<typeof call>, string]>([
    ['an expired token', ['leads', 'expired'], '401 token_expired'],
    ['a user who is no more', ['leads', claims(gone, acme)], '401 unauthenticated'],
    ['a session that is not his', ['leads', claims(ann, acme, s9)], '401 unauthenticated'],
    ['a key where a session is needed', ['me', claims(ann, acme, null)], '403 session_required'],
    ['a key', ['leads', claims(ann, acme, null)], 'true'],
    ["a member's token without a tenant", ['me', claims(ann, null)], '401 unauthenticated'],
    ["a member's token without a tenant that names his", ['leads', claims(ann, null), 'acme'], '401 unauthenticated'],
    ['a member who names his tenant by id', ['leads', annsToken, acme.toUpperCase()], 'true'],
    ['a member who names another tenant', ['leads', annsToken, 'globex'], '403 tenant_mismatch'],
    ['a member who names no tenant at all', ['leads', annsToken, 'nowhere'], '403 tenant_mismatch'],
    ['a member who leaves the header empty', ['leads', annsToken, ''], 'true'],
    ['a member on a route of the platform', ['plans', annsToken], '403 permission_denied'],
    ['a platform user without a tenant', ['leads', roots], '400 tenant_required'],
    ['a platform user with an empty header', ['leads', roots, ''], '400 tenant_required'],
    ['a platform user who names an unknown tenant', ['leads', roots, 'nowhere'], '404 not_found'],
    ['a platform user who names an unknown id', ['leads', roots, newId()], '404 not_found'],
    ['a platform user who names a tenant by code', ['leads', roots, 'GLOBEX'], 'true'],
    ['a platform user who names a tenant by id', ['remove', roots, globex], 'true'],
    ['a platform user on his own routes', ['plans', roots], 'true'],
  ])('%s', async (_, args, expected) => {
    expect(await outcome(...args)).toBe(expected);
    // the same from memory
    expect(await outcome(...args)).toBe(expected);
  });

  it('knows a session that began after the snapshot was read', async () => {
    await call('leads', annsToken);
    source.sessions.add(s2);
    expect(await outcome('leads', claims(ann, acme, s2))).toBe('true');
    expect(source.loads).toBe(2);
  });

  it('asks the database once, not each time, about a session that has ended', async () => {
    expect(await outcome('leads', claims(ann, acme, s9))).toBe('401 unauthenticated');
    const { loads } = source;
    for (let tries = 0; tries < 5; tries++)
      expect(await outcome('leads', claims(ann, acme, s9))).toBe('401 unauthenticated');
    expect(source.loads).toBe(loads);
  });

  it.each([
    ['his tenant', acme],
    ['everything', ZERO_ID],
  ])('refuses from the next request on what a change of %s took away', async (_, changed) => {
    await call('leads', annsToken);
    source.codes = [];
    expect(await outcome('leads', annsToken)).toBe('true');
    freshness.drop(changed);
    expect(await outcome('leads', annsToken)).toBe('403 permission_denied');
    source.status = 'suspended';
    freshness.drop(changed);
    expect(await outcome('leads', annsToken)).toBe('401 unauthenticated');
  });

  it('asks the database each time while changes go unheard', async () => {
    await call('leads', annsToken);
    freshness.distrust();
    source.codes = [];
    expect(await outcome('leads', annsToken)).toBe('403 permission_denied');
    source.codes = ['crm_admin'];
    expect(await outcome('remove', annsToken)).toBe('true');
  });

  it('serves one tenant without a header, and takes none, when there is only one', async () => {
    directory.only = acme;
    expect(await outcome('leads', roots)).toBe('true');
    expect(scope.placement).toMatchObject({ organizationId: acme });
    expect(call('leads', roots)).toBe(true);
    expect(await outcome('leads', roots, 'acme')).toBe('400 bad_request');
    expect(await outcome('leads', annsToken)).toBe('true');
    expect(await outcome('leads', annsToken, 'acme')).toBe('400 bad_request');
  });
});

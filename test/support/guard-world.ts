import type { ExecutionContext } from '@nestjs/common';
import { newId } from '../../src/common/ids.js';
import { Problem, TokenExpired } from '../../src/common/problem.js';
import {
  AccessGuard,
  Authenticator,
  Freshness,
  ModuleSet,
  PermissionSet,
  PlatformOnly,
  PlatformVisits,
  Public,
  RequireAccess,
  SignedIn,
  Snapshot,
  Snapshots,
  SnapshotSource,
  TenantDirectory,
  TenantNames,
  type Claims,
  type HostName,
  type IncomingRequest,
  type LoadedSnapshot,
  type PersonStatus,
} from '../../src/platform/access/index.js';
import type { Statement } from '../../src/platform/database/index.js';
import { type CoreUnit, currentScope, emptyScope, runInScope, type Scope } from '../../src/platform/tenancy/index.js';

export const [acme, globex] = [newId(), newId()];
export const [ann, root, gone] = [newId(), newId(), newId()];
export const [s1, s2, s9] = [newId(), newId(), newId()];
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

/** Routes, by what they ask. */
export class Handlers {
  @RequireAccess('crm.leads', 'read') leads() {}
  @RequireAccess('crm.leads', 'delete') remove() {}
  @SignedIn({ tenant: 'optional', session: true }) me() {}
  @PlatformOnly() plans() {}
  @RequireAccess('tenant', 'read', { tenant: 'path' }) tenant() {}
  @RequireAccess('tenant', 'update', { tenant: 'path' }) change() {}
  @RequireAccess('audit', 'read', { tenant: 'optional' }) log() {}
  @SignedIn() menus() {}
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
  codes = ['crm.read', 'tenant_read'];
  asksReason = false;

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
      asksReason: this.asksReason,
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
  async findByHost(host: HostName): Promise<string | undefined> {
    return host.kind === 'subdomain' ? this.find(host.subdomain) : undefined;
  }
}

/** What would be stored, of whose doing and why. */
class Log {
  readonly entries: { by: unknown; why: unknown; values: readonly unknown[] }[] = [];
  fails = false;
  async query(statement: Statement): Promise<never[]> {
    if (this.fails) throw new Error('the database is away');
    const { actor, reason } = currentScope();
    this.entries.push({ by: actor.id, why: reason, values: statement.values });
    return [];
  }
}

/** A request, but for its handler and credential; a text is its X-Tenant. */
interface Asked {
  readonly tenant?: string | undefined;
  readonly path?: string;
  readonly host?: string;
  readonly reason?: string;
  readonly method?: string;
}

/** A credential of this user in this tenant, by this session: null stands for an API key. */
export const claims = (sub: string, org: string | null, sid: string | null = s1): string =>
  JSON.stringify({ sub, org, sid, exp: 4_000_000_000 });
export const anns = claims(ann, acme);
export const roots = claims(root, null);

/** A guard over what a test says that there is: two tenants, a member and a platform user. */
export class GuardWorld {
  readonly source = new Source();
  readonly directory = new Directory();
  readonly freshness = new Freshness();
  readonly log = new Log();
  /** Of the last request. */
  scope: Scope = emptyScope();
  private readonly guard = new AccessGuard(
    new Tokens(),
    new Snapshots(this.source, this.freshness),
    new TenantNames(this.directory, this.freshness, { baseDomain: 'example.com' }),
    new PlatformVisits(this.log as unknown as CoreUnit),
  );

  constructor() {
    this.freshness.trust(new Map());
  }

  /** What the guard answers as Nest calls it, in a request's scope of its own. */
  readonly call = (
    handler: keyof Handlers,
    authorization: string,
    asked: Asked | string = {},
  ): boolean | Promise<boolean> => {
    const { tenant, reason, path, host, method } = typeof asked === 'string' ? { tenant: asked } : asked;
    const request: IncomingRequest = {
      headers: { authorization, 'x-tenant': tenant, 'x-reason': reason },
      params: path === undefined ? {} : { tenant_id: path },
      routeOptions: { url: '/api/v1/menus/me' },
      ...(host === undefined ? {} : { host }),
      ...(method === undefined ? {} : { method }),
    };
    const context = {
      getHandler: () => Handlers.prototype[handler],
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    this.scope = emptyScope();
    return runInScope(this.scope, () => this.guard.canActivate(context));
  };

  /** "true", or "status code". */
  readonly outcome = async (...args: Parameters<GuardWorld['call']>): Promise<string> => {
    try {
      return String(await this.call(...args));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return `${String(error.status)} ${error.code}`;
    }
  };
}

/** Handler, credential, and what else is asked. */
export type Call = Parameters<GuardWorld['call']>;

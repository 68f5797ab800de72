import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ZERO_ID } from '../../common/ids.js';
import type { Problem } from '../../common/problem.js';
import { type AuditEntry, auditInsert, currentScope, runInScope, type Scope } from '../tenancy/index.js';
import { PlatformUnit } from '../tenancy/platform.js';
import type { ProtectedAccess } from './access.js';
import { problemOf, type Refusal } from './layer.js';
import type { Snapshot } from './snapshot.js';

/** Who was refused, and what he had asked for. */
export interface RefusedCaller {
  readonly access: ProtectedAccess;
  readonly snapshot: Snapshot;
  /** An API key, not a person who signed in. */
  readonly byKey: boolean;
}

/** The guard's no: what the caller is told, and in the scope who he is. */
export function refused(verdict: Refusal, caller: RefusedCaller): Problem {
  currentScope().refused = caller;
  return problemOf(verdict);
}

/** What is known of a request when it is answered. */
interface RefusedRequest {
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
}
type Who = Required<Pick<AuditEntry, 'organizationId' | 'actorId' | 'actorKind'>>;

/** The same refusal is told once in this time, by each node: whoever knocks and knocks must not fill the database. */
const QUIET_MS = 60_000;
const MAX_KNOWN = 10_000;
const MAX_RESOURCE = 100;

/**
 * Puts into the audit log what one of the three layers refused to somebody who is known, the guard's refusals and those
 * of use cases. It is written beside the answer, which does not wait for it; what cannot be written is logged.
 */
@Injectable()
export class Refusals implements OnApplicationShutdown {
  private readonly log = new Logger(Refusals.name);
  private readonly told = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: QUIET_MS });
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly platform: PlatformUnit) {}

  note(problem: Problem, request: RefusedRequest, scope: Scope | undefined): void {
    const { layer, reason } = problem.extras;
    if (scope === undefined || problem.status !== 403 || layer === undefined) return;
    const who = callerOf(scope);
    if (who === undefined) return;
    const { method, routeOptions } = request;
    const key = [who.organizationId, who.actorId, method, routeOptions.url, problem.code].join(' ');
    if (this.told.has(key)) return;
    this.told.set(key, true);
    const entry: AuditEntry = {
      ...who,
      ...askedOf(scope.refused?.access, request),
      resourceId: null,
      outcome: 'refused',
      code: problem.code,
      layer,
      ...(reason === undefined ? {} : { reason }),
    };
    this.track(
      key,
      runInScope(scope, () => this.platform.query(auditInsert('core.audit_log', [entry]))),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.writing);
  }

  private track(key: string, write: Promise<unknown>): void {
    const done = write
      .then(
        () => undefined,
        (error: unknown) => {
          this.told.delete(key);
          this.log.error(`a refusal is missing in the audit log (${key}): ${String(error)}`);
        },
      )
      .finally(() => this.writing.delete(done));
    this.writing.add(done);
  }
}

/** Undefined for nobody: of a public route, or of one who was not authenticated. */
function callerOf({ refused: caller, snapshot, actor }: Scope): Who | undefined {
  if (caller !== undefined) {
    const { userId, organizationId, platform } = caller.snapshot;
    const actorKind = caller.byKey ? 'api_key' : platform ? 'platform' : 'user';
    return { organizationId: organizationId ?? ZERO_ID, actorId: userId, actorKind };
  }
  if (snapshot === undefined) return undefined;
  return { organizationId: snapshot.organizationId ?? ZERO_ID, actorId: actor.id, actorKind: actor.kind };
}

/** What the route asks for; where it asks for no permission, or another was needed, the request itself. */
function askedOf(
  access: ProtectedAccess | undefined,
  { method, routeOptions }: RefusedRequest,
): Pick<AuditEntry, 'action' | 'resource'> {
  const action = access?.kind === 'permission' && access.action !== null ? access.action : method.toLowerCase();
  const resource = access?.kind === 'permission' ? access.resource : (routeOptions.url ?? '');
  return { action, resource: resource.slice(0, MAX_RESOURCE) };
}

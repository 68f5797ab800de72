import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../common/ids.js';
import type { RefusedCaller, Snapshot } from '../access/index.js';
import type { DatabaseAt } from '../database/index.js';
import type { OpenUnit } from './unit.js';

/** Where an organization's tenant tables are. `epoch` grows with each move: a stale one does not pass the fence. */
export interface Placement extends DatabaseAt {
  readonly organizationId: string;
  readonly epoch: number;
  readonly schema: string;
}

/** Who acts, for stamps and the audit log. `id` null is the system. */
export interface Actor {
  readonly kind: 'user' | 'api_key' | 'system' | 'platform';
  readonly id: string | null;
}
export const SYSTEM: Actor = { kind: 'system', id: null };

/**
 * What a piece of work stands on. A request's is opened empty before the guards, filled once by the access guard and
 * never pointed at a second tenant: an identity map would answer with the first one's rows.
 */
export interface Scope {
  readonly requestId: string;
  readonly ip?: string;
  readonly userAgent?: string;
  actor: Actor;
  /** Why a platform user acts, as he says: stands in each audit entry that he leaves. */
  reason?: string;
  placement?: Placement;
  snapshot?: Snapshot;
  /** Whom the access guard refused: his scope stays empty. */
  refused?: RefusedCaller;
  /** Set while a unit of work runs. */
  readonly tenantUnit?: OpenUnit;
  readonly coreUnit?: OpenUnit;
  readonly platformUnit?: OpenUnit;
  /** Forked at first use, bound to this scope's tenant for life. */
  tenantEm?: EntityManager;
  coreEm?: EntityManager;
}

const storage = new AsyncLocalStorage<Scope>();

export const runInScope = <T>(scope: Scope, work: () => T): T => storage.run(scope, work);
export const findScope = (): Scope | undefined => storage.getStore();

/** The running scope. Outside of one it throws: there is no default tenant. */
export function currentScope(): Scope {
  const scope = storage.getStore();
  if (scope === undefined) throw new Error('no tenancy scope is open: run this inside tenancy.run()');
  return scope;
}
/** The placement of the running scope's tenant. Throws where no tenant has been resolved. */
export function currentPlacement(): Placement {
  const { placement } = currentScope();
  if (placement === undefined) throw new Error('this scope has no tenant: the route or job did not resolve one');
  return placement;
}
export const emptyScope = ({ requestId = newId(), actor = SYSTEM, ...over }: Partial<Scope> = {}): Scope => ({
  requestId,
  actor,
  ...over,
});

/** Fills a request's scope with its tenant. A second filling with another tenant throws. */
export function fillScope(scope: Scope, actor: Actor, placement: Placement | undefined, snapshot?: Snapshot): void {
  if (scope.placement !== undefined && scope.placement.organizationId !== placement?.organizationId) {
    throw new Error('a scope is never pointed at a second tenant');
  }
  scope.actor = actor;
  if (placement !== undefined) scope.placement = placement;
  if (snapshot !== undefined) scope.snapshot = snapshot;
}

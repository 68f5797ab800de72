import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Problem, Unavailable } from '../../common/problem.js';
import { Pools, type Statement } from '../database/index.js';
import { Orms } from './orms.js';
import { Placements } from './placements.js';
import {
  type Actor,
  currentPlacement,
  currentScope,
  emptyScope,
  findScope,
  type Placement,
  runInScope,
  type Scope,
  SYSTEM,
} from './scope.js';
import { OpenUnit, type Unit } from './unit.js';

/** Milliseconds for which a writer may wait behind the fence before it gets 503 tenant_moving. */
const FENCE_WAIT_MS = 400;
const FENCE_RETRY_MS = 20;
const STALE_PLACEMENT = 'TM001';
const MOVING = 'TM002';

/** The only way to a tenant's rows: finds its placement, opens a scope, and passes the fence with every transaction. */
@Injectable()
export class Tenancy implements Unit {
  constructor(
    private readonly pools: Pools,
    private readonly orms: Orms,
    private readonly placements: Placements,
  ) {}

  /** Runs `work` as a tenant: for jobs, events and the command line. (A request's scope is opened by the HTTP hook.) */
  async run<T>(organizationId: string, work: () => Promise<T>, actor: Actor = SYSTEM): Promise<T> {
    const placement = await this.placements.get(organizationId);
    return runInScope(emptyScope({ actor, placement }), work);
  }

  /** Runs `work` as a tenant at a place that core does not know yet, by whoever acts now: for making and moving one. */
  runAt<T>(placement: Placement, work: () => Promise<T>): Promise<T> {
    const { actor, ip, reason, requestId, userAgent } = findScope() ?? emptyScope();
    return runInScope(emptyScope({ ...defined({ ip, reason, userAgent }), actor, requestId, placement }), work);
  }

  /**
   * The unit of work of the tenant plane: one transaction at the tenant's location, committed when `work` resolves and
   * rolled back when it throws. A unit inside a unit joins it.
   */
  async transaction<T>(work: () => Promise<T>, options: { readOnly?: boolean } = {}): Promise<T> {
    const scope = currentScope();
    if (scope.tenantUnit !== undefined) return work();
    const { result, unit } = await this.fenced((placement) =>
      this.orms.tenant(placement, scope).transactional(async (em) => {
        const unit = new OpenUnit(em);
        return { result: await runInScope(inUnit(scope, placement, unit), work), unit };
      }, options),
    );
    unit.committed();
    return result;
  }

  /** One reading statement in one round trip. It takes no lock: reads never wait for a move. */
  read<T>(statement: Statement): Promise<T[]> {
    return this.single('tenancy_enter_read', statement);
  }

  /** One writing statement in one round trip, a transaction of its own. Inside a unit of work it belongs to that. */
  write<T>(statement: Statement): Promise<T[]> {
    return this.single('tenancy_enter', statement);
  }

  private single<T>(enter: 'tenancy_enter' | 'tenancy_enter_read', statement: Statement): Promise<T[]> {
    const { tenantUnit, actor } = currentScope();
    if (tenantUnit !== undefined) return tenantUnit.query<T>(statement);
    return this.fenced((placement) => {
      const { organizationId, epoch, schema } = placement;
      const preamble = { statement: enter, values: [organizationId, epoch, schema, actor.id] };
      // the name carries the schema: else each change of search_path would plan anew
      const named = statement.name === undefined ? statement : { ...statement, name: `${statement.name}@${schema}` };
      return this.pools.fenced<T>(placement, preamble, named);
    });
  }

  /**
   * Follows a tenant that has moved: nothing ran yet, so it is tried again at once. Waits a little for one that is about to
   * move, and for core to say where one is whose old place is closed.
   */
  private async fenced<T>(attempt: (placement: Placement) => Promise<T>): Promise<T> {
    const scope = currentScope();
    const deadline = Date.now() + FENCE_WAIT_MS;
    let refetched = false;
    for (;;) {
      try {
        return await attempt(currentPlacement());
      } catch (error) {
        const code = sqlState(error);
        if (code === STALE_PLACEMENT && (!refetched || Date.now() < deadline)) {
          if (refetched) await sleep(FENCE_RETRY_MS);
          refetched = true;
          scope.placement = await this.followed(currentPlacement().organizationId);
        } else if (code === MOVING && Date.now() < deadline) {
          await sleep(FENCE_RETRY_MS);
        } else throw error;
      }
    }
  }

  /** Of one whose old place is closed. @throws Unavailable also where it is deleted: what was asked of it is not there no more */
  private async followed(organizationId: string): Promise<Placement> {
    try {
      return await this.placements.get(organizationId);
    } catch (error) {
      throw error instanceof Problem && error.code === 'not_found' ? Unavailable() : error;
    }
  }
}

const inUnit = ({ tenantEm: _, ...scope }: Scope, placement: Placement, tenantUnit: OpenUnit): Scope => ({
  ...scope,
  placement,
  tenantUnit,
  tenantEm: tenantUnit.em,
});
const defined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
const sqlState = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

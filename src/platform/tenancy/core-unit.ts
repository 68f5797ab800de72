import { Injectable } from '@nestjs/common';
import { Pools, type Statement } from '../database/index.js';
import { Orms } from './orms.js';
import { currentPlacement, currentScope, runInScope } from './scope.js';
import { OpenUnit, type Unit } from './unit.js';

/** The unit of work of core, for one tenant: its settings are its own, and there is no fence, since core does not move. */
@Injectable()
export class CoreUnit implements Unit {
  constructor(
    private readonly pools: Pools,
    private readonly orms: Orms,
  ) {}

  /** One transaction on core, committed when `work` resolves. A unit inside a unit joins it. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const scope = currentScope();
    if (scope.coreUnit !== undefined) return work();
    const { result, unit } = await this.orms
      .core(currentPlacement().organizationId, scope)
      .transactional(async (em) => {
        const unit = new OpenUnit(em);
        return { result: await runInScope({ ...scope, coreUnit: unit, coreEm: unit.em }, work), unit };
      });
    unit.committed();
    return result;
  }

  read<T>(statement: Statement): Promise<T[]> {
    return this.query(statement);
  }
  write<T>(statement: Statement): Promise<T[]> {
    return this.query(statement);
  }

  /** One statement as the scope's tenant and actor, in one round trip. Inside a unit of work it belongs to that. */
  async query<T>(statement: Statement): Promise<T[]> {
    const { coreUnit, actor, snapshot } = currentScope();
    if (coreUnit !== undefined) return coreUnit.query<T>(statement);
    const sees = snapshot?.seesUsers ?? (actor.kind === 'system' ? 'all' : 'self');
    const preamble = { statement: 'core_enter' as const, values: [currentPlacement().organizationId, actor.id, sees] };
    return this.pools.fenced<T>(this.pools.main, preamble, statement);
  }
}

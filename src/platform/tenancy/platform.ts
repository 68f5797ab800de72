import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Pools, type Statement } from '../database/index.js';
import { type AuditEntry, auditInsert } from './audit.js';
import { Orms } from './orms.js';
import { emptyScope, findScope, runInScope } from './scope.js';
import { OpenUnit, type Unit } from './unit.js';

/** One transaction of the platform login: by entities or by plain statements. */
export interface PlatformTransaction {
  readonly em: EntityManager;
  query<T>(statement: Statement): Promise<T[]>;
  audit(...entries: AuditEntry[]): Promise<void>;
  /** Runs `work` once it has committed; not at all when it rolls back. */
  onCommit(work: () => void): void;
}

/**
 * Core across all tenants, by the platform login: only for what crosses them (sign-in, tenant administration, billing).
 * A dependency rule names the features that may import it.
 */
@Injectable()
export class PlatformUnit implements Unit {
  constructor(
    private readonly pools: Pools,
    private readonly orms: Orms,
  ) {}

  /** One statement. Inside a transaction of this login it belongs to that. */
  async query<T>(statement: Statement): Promise<T[]> {
    const unit = findScope()?.platformUnit;
    if (unit !== undefined) return unit.query<T>(statement);
    const { name, text, values } = statement;
    return (
      await this.pools.get('platform').query({ ...(name === undefined ? {} : { name }), text, values: [...values] })
    ).rows as T[];
  }
  read<T>(statement: Statement): Promise<T[]> {
    return this.query(statement);
  }
  write<T>(statement: Statement): Promise<T[]> {
    return this.query(statement);
  }

  /** One transaction, committed when `work` resolves. One inside another joins it. */
  async transaction<T>(work: (transaction: PlatformTransaction) => Promise<T>): Promise<T> {
    const scope = findScope() ?? emptyScope();
    if (scope.platformUnit !== undefined) return work(transactionOf(scope.platformUnit));
    const { result, unit } = await this.orms.platform().transactional(async (em: EntityManager) => {
      const unit = new OpenUnit(em);
      return { result: await runInScope({ ...scope, platformUnit: unit }, () => work(transactionOf(unit))), unit };
    });
    unit.committed();
    return result;
  }
}

const transactionOf = (unit: OpenUnit): PlatformTransaction => ({
  em: unit.em,
  query: (statement) => unit.query(statement),
  audit: async (...entries) => {
    await unit.query(auditInsert('core.audit_log', entries));
  },
  onCommit: (work) => unit.onCommit(work),
});

import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Transaction } from 'kysely';
import type { Statement } from '../database/index.js';

/** A unit of work that runs: its EntityManager, and plain statements on the same transaction. */
export class OpenUnit {
  private readonly afterCommit: (() => void)[] = [];

  constructor(readonly em: EntityManager) {}

  async query<T>(statement: Statement): Promise<T[]> {
    const transaction = this.em.getTransactionContext<Transaction<unknown>>();
    if (transaction === undefined) throw new Error('the unit of work is over');
    const { rows } = await transaction.executeQuery<T>(CompiledQuery.raw(statement.text, [...statement.values]));
    return rows;
  }

  /** Runs `work` once the unit has committed; not at all when it rolls back. */
  onCommit(work: () => void): void {
    this.afterCommit.push(work);
  }
  committed(): void {
    for (const work of this.afterCommit) work();
  }
}

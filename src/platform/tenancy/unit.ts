import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Transaction } from 'kysely';
import type { Statement } from '../database/index.js';

/** Where statements of a plane run: alone, or together in one transaction, which those inside it join. */
export interface Unit {
  /** One reading statement. */
  read<T>(statement: Statement): Promise<T[]>;
  /** One writing statement, a transaction of its own outside of one. */
  write<T>(statement: Statement): Promise<T[]>;
  /** Committed when `work` resolves, rolled back when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

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

import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Transaction } from 'kysely';
import { Pools, type Statement } from '../database/index.js';
import { type AuditEntry, auditInsert } from './audit.js';
import { Orms } from './orms.js';

/** One transaction of the platform login: by entities or by plain statements. */
export interface PlatformTransaction {
  readonly em: EntityManager;
  query<T>(statement: Statement): Promise<T[]>;
  audit(...entries: AuditEntry[]): Promise<void>;
}

/**
 * Core across all tenants, by the platform login: only for what crosses them (sign-in, tenant administration, billing).
 * A dependency rule names the features that may import it.
 */
@Injectable()
export class PlatformUnit {
  constructor(
    private readonly pools: Pools,
    private readonly orms: Orms,
  ) {}

  async query<T>(statement: Statement): Promise<T[]> {
    const { name, text, values } = statement;
    return (
      await this.pools.get('platform').query({ ...(name === undefined ? {} : { name }), text, values: [...values] })
    ).rows as T[];
  }

  /** One transaction, committed when `work` resolves. */
  transaction<T>(work: (transaction: PlatformTransaction) => Promise<T>): Promise<T> {
    return this.orms.platform().transactional(async (em: EntityManager) => {
      const query = async <R>({ text, values }: Statement): Promise<R[]> => {
        const kysely = em.getTransactionContext<Transaction<unknown>>();
        if (kysely === undefined) throw new Error('the platform transaction is over');
        return (await kysely.executeQuery<R>(CompiledQuery.raw(text, [...values]))).rows;
      };
      return work({
        em,
        query,
        audit: async (...entries) => {
          await query(auditInsert('core.audit_log', entries));
        },
      });
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Conflict, IdempotencyKeyReused, type Problem } from '../../../common/problem.js';
import { untilWon } from '../../database/index.js';
import type { Unit } from '../../tenancy/index.js';
import type { Sql } from '../sql.js';
import type { IdempotencyKey } from './idempotency-key.js';

/** An answer as it is kept and replayed. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly body: Body;
  readonly etag?: string | undefined;
  readonly location?: string | undefined;
  readonly replayed?: boolean;
}

/** Where the keys of a plane are kept: in the transaction of the write that they stand for. */
export interface Ledger {
  readonly unit: Unit;
  /** `core.`, or nothing: the location's. */
  readonly schema: string;
}

interface Kept {
  readonly request_hash: string;
  readonly status: number | null;
  readonly answer: unknown;
  readonly etag: string | null;
  readonly location: string | null;
  readonly living: boolean;
}

/** For how long a key is kept. */
const LIFETIME = `interval '24 hours'`;
/** How long one request waits for another with the same key, before it is told to come back. */
const PATIENCE = `set_config('lock_timeout', '2s', true)`;
const LOCK_NOT_AVAILABLE = '55P03';
const COLUMNS = 'organization_id, actor_id, method, path, key';
const BY_KEY = 'organization_id = $1 and actor_id = $2 and method = $3 and path = $4 and key = $5';

/**
 * Answers a repeated POST as the first time (api.md, "Writes"). The key is written in the transaction of the work it
 * stands for: both are there, or neither. A second request with the same key waits on it, for two seconds at most.
 */
@Injectable()
export class Idempotency {
  /** Runs `work` in one unit of work, again when that lost a race, and keeps its answer there, or replays the one that is kept. */
  async run<Body>(
    ledger: Ledger,
    key: IdempotencyKey | undefined,
    work: () => Promise<Answer<Body>>,
  ): Promise<Answer<Body>> {
    const once = async (): Promise<Answer<Body>> => {
      if (key === undefined) return work();
      if (!(await this.take(ledger, key))) return this.replay<Body>(ledger, key);
      const answer = await work();
      await this.keep(ledger, key, answer);
      return answer;
    };
    return untilWon(() => ledger.unit.transaction(once));
  }

  /**
   * For work that is one statement, which keeps its answer itself by `keeping`. The work is tried first: only when it
   * fails is there something to replay, whatever the failure says, for a repeated write can fail by its own first time.
   */
  async attempt<Body>(ledger: Ledger, key: IdempotencyKey, work: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
    try {
      return await work();
    } catch (error) {
      const kept = await this.find<Body>(ledger, key, true);
      if (kept === 'expired') return work();
      if (kept !== undefined) return kept;
      if (codeOf(error) === LOCK_NOT_AVAILABLE) throw stillRunning();
      throw error;
    }
  }

  /** Keeps an answer under a key that `run` took: over the one it kept, where the work went on after that. */
  async keep(
    { unit, schema }: Ledger,
    key: IdempotencyKey | undefined,
    { status, body, etag, location }: Answer,
  ): Promise<void> {
    if (key === undefined) return;
    await unit.write({
      text: `update ${schema}idempotency_keys set status = $6, answer = $7::jsonb, etag = $8, location = $9 where ${BY_KEY}`,
      values: [...placeOf(key), status, JSON.stringify(body ?? null), etag ?? null, location ?? null],
    });
  }

  /** Writes the key first of all, over one that has expired; false when another request has it. */
  private async take({ unit, schema }: Ledger, key: IdempotencyKey): Promise<boolean> {
    try {
      await unit.write({ text: `select ${PATIENCE}`, values: [] });
      const taken = await unit.write({
        text: `insert into ${schema}idempotency_keys as k (${COLUMNS}, request_hash, expires_at) values ($1, $2, $3, $4, $5, $6, now() + ${LIFETIME})
          on conflict (${COLUMNS}) do update set request_hash = excluded.request_hash, status = null, answer = null, created_at = now(), expires_at = excluded.expires_at
          where k.expires_at <= now() returning true as taken`,
        values: [...placeOf(key), key.requestHash],
      });
      return taken.length > 0;
    } catch (error) {
      throw codeOf(error) === LOCK_NOT_AVAILABLE ? stillRunning() : error;
    }
  }

  private async replay<Body>(ledger: Ledger, key: IdempotencyKey): Promise<Answer<Body>> {
    const kept = await this.find<Body>(ledger, key, false);
    if (kept === undefined) throw stillRunning();
    return kept;
  }

  /** The kept answer. One that has expired is removed where `remove` says so: its key is free again. */
  private find<Body>(ledger: Ledger, key: IdempotencyKey, remove: false): Promise<Answer<Body> | undefined>;
  private find<Body>(ledger: Ledger, key: IdempotencyKey, remove: true): Promise<Answer<Body> | 'expired' | undefined>;
  private async find<Body>(
    { unit, schema }: Ledger,
    key: IdempotencyKey,
    remove: boolean,
  ): Promise<Answer<Body> | 'expired' | undefined> {
    const [kept] = await unit.read<Kept>({
      name: `${schema}idempotency_find`,
      text: `select request_hash, status, answer, etag, location, expires_at > now() as living from ${schema}idempotency_keys where ${BY_KEY}`,
      values: placeOf(key),
    });
    if (kept === undefined) return undefined;
    if (!kept.living && remove) {
      await unit.write({
        text: `delete from ${schema}idempotency_keys where ${BY_KEY} and expires_at <= now()`,
        values: placeOf(key),
      });
      return 'expired';
    }
    if (kept.request_hash !== key.requestHash) throw IdempotencyKeyReused();
    if (kept.status === null) throw stillRunning();
    const { status, answer, etag, location } = kept;
    return { status, body: answer as Body, etag: etag ?? undefined, location: location ?? undefined, replayed: true };
  }
}

/**
 * The part of a creating statement that keeps its answer: one more `with`. A key that is there already breaks its unique
 * key, and with that the whole statement; the row is written before, so one of two at the same time waits for the other.
 */
export const keeping =
  (key: IdempotencyKey, location: string, schema: string) =>
  (answer: string, from: string, sql: Sql): string => {
    const place = placeOf(key).map((value, at) => sql.typed(value, at < 2 ? 'uuid' : 'text'));
    const values = [
      ...place,
      sql.typed(key.requestHash, 'text'),
      '201',
      answer,
      `'"' || "version" || '"'`,
      sql.typed(location, 'text'),
    ];
    return `"#patience" as materialized (select ${PATIENCE}),
      "#kept" as (insert into ${schema}idempotency_keys (${COLUMNS}, request_hash, status, answer, etag, location, expires_at)
        select ${values.join(', ')}, now() + ${LIFETIME} from ${from}, "#patience")`;
  };

const placeOf = ({ organizationId, actorId, method, path, key }: IdempotencyKey): string[] => [
  organizationId,
  actorId,
  method,
  path,
  key,
];
const stillRunning = (): Problem =>
  Conflict({ detail: 'A request with this idempotency key is still running.', retryAfter: 1 });
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { database as product, tenancy } from './dist.js';
import type { TestDatabase } from './database.js';
import { IS_MOVING, MOVERS_NAME, patience } from './patiently.js';
import type { Stillness } from './stillness.js';

/** Those that most tests are about come more often. */
const COURSE = ['testcorp', 'globex', 'testcorp', 'acme', 'testcorp', 'initech'];
/** Milliseconds between two moves, in which tests look at what is stored. */
const PAUSE_MS = 50;
/** Milliseconds after which a file must have seen a move to its end. */
const LONG_MS = 10_000;

/** Moves the demo tenants of a database from the shared tables to a schema, a database, and back, one after the other. */
export class BackAndForth {
  private static readonly moved = new WeakSet<Stillness>();
  private done = 0;
  private readonly failed: string[] = [];
  private readonly began = Date.now();
  private stopped = false;
  private readonly ended: Promise<void>;

  private constructor(private readonly database: TestDatabase) {
    this.ended = this.moveOn();
  }

  /** Once for a database, with its first node; it ends with the database, and tells what it did. */
  static start(database: TestDatabase): void {
    const { stillness } = database;
    if (!IS_MOVING || this.moved.has(stillness)) return;
    this.moved.add(stillness);
    const mover = new BackAndForth(database);
    stillness.end = async () => {
      mover.stopped = true;
      await mover.ended;
      mover.tell();
    };
  }

  /** Throws when nobody was moved in all the time there was. */
  private tell(): void {
    const ms = Date.now() - this.began;
    const reasons = this.failed.map((reason) => `\n  ${reason}`).join('');
    process.stdout.write(
      `moved ${String(this.done)} times in ${String(ms)} ms, ${String(this.failed.length)} failed, ${String(patience.repeated)} requests repeated${reasons}\n`,
    );
    patience.repeated = 0;
    if (this.done === 0 && ms > LONG_MS) throw new Error('nobody was moved in all this time');
  }

  private async moveOn(): Promise<void> {
    const { urls } = this.database;
    const pools = new product.Pools(urls, { max: 1, tenantMax: 2, lifetimeMs: 60_000 });
    const moves = new tenancy.TenantMoves(pools, { prepare: () => Promise.resolve() }, { moveRetentionMs: 0 });
    const core = new pg.Client({ connectionString: urls.superuser, application_name: MOVERS_NAME });
    core.on('error', () => undefined);
    await core.connect();
    const ask = async <Row>(text: string, values: readonly unknown[]): Promise<Row[]> =>
      (await core.query(text, [...values])).rows as Row[];
    try {
      for (let turn = 0; !this.stopped; turn++) {
        const code = COURSE[turn % COURSE.length] ?? '';
        await this.database.stillness.move(() => this.move(moves, ask, code));
        await sleep(PAUSE_MS);
      }
    } finally {
      await core.end();
      await pools.close();
    }
  }

  /** To the next of its places; where a test has done something to the tenant that speaks against it, not. */
  private async move(moves: InstanceType<typeof tenancy.TenantMoves>, ask: Ask, code: string): Promise<void> {
    const [next] = await ask<{ id: string; to: string }>(NEXT, [code]);
    if (next === undefined) return;
    let id: string | undefined;
    try {
      id = await moves.request(next.id, next.to, null, ask);
      await moves.run(id);
      await moves.cleanUp(id, { early: true });
      this.done++;
    } catch (error) {
      this.failed.push(`${code}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      // a place that a move has named is dropped when it is left
      if (id !== undefined)
        await ask(`delete from core.moves where id = $1 and finished_at is not null and cleaned_at is not null`, [id]);
    }
  }
}

type Ask = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

const NEXT = `with mine as (select o.id, l.isolation from core.organizations o join core.locations l on l.id = o.location_id
    where o.tenant_code = $1 and o.deleted_at is null and not exists (select from core.moves m where m.organization_id = o.id and m.finished_at is null))
  select mine.id, l.id as to from mine join core.locations l on l.status = 'ready' and case mine.isolation
    when 'shared' then l.schema_name = 'tenant_moving_' || $1
    when 'schema' then l.database_name like '%moving\\_' || $1
    else l.isolation = 'shared' end`;

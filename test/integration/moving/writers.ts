import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../support/client.js';
import type { Place, World } from './world.js';

/** What somebody was told is stored: the name of each lead, null of one that he deleted. */
type Ledger = Map<string, string | null>;

export interface Traffic {
  /** Until so many more writes were acknowledged, or one failed. */
  written(count: number): Promise<void>;
  /** Ends it. Throws what nobody may be told: any answer but success, or that the tenant is moving. */
  stop(): Promise<Report>;
}
export interface Report {
  readonly ledger: Ledger;
  /** Writes that were acknowledged: each has left one audit entry. */
  readonly writes: number;
  /** Writes that were told to come back later. */
  readonly turnedAway: number;
  readonly reads: number;
}

/** Milliseconds between two requests: but for `npm run test:move` they are not there to fill the machine. */
const PAUSE_MS = process.env['MOVE_FAULTS'] === 'all' ? 5 : 20;

interface Writer {
  create(name: string): Promise<string>;
  update(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
}
class TurnedAway extends Error {}

/**
 * Four writers, two by HTTP and two by units of work, and a reader. @param interrupted the move is: until it is resumed
 * nobody may be served, so that 503 is an answer; without that a reader may never be refused
 */
export async function traffic(world: World, { interrupted = false } = {}): Promise<Traffic> {
  const admin = await world.app.signIn('admin@testcorp.com');
  const stopped = new AbortController();
  const ledger: Ledger = new Map();
  let [writes, turnedAway, reads] = [0, 0, 0];
  const write = async (writer: Writer): Promise<void> => {
    const mine: string[] = [];
    for (let n = 0; !stopped.signal.aborted; n++) {
      const name = `written ${String(n)}`;
      const id = mine[Math.floor(Math.random() * mine.length)];
      try {
        if (id === undefined || n % 3 === 0) {
          const made = await writer.create(name);
          ledger.set(made, name);
          mine.push(made);
        } else if (n % 3 === 1) {
          await writer.update(id, name);
          ledger.set(id, name);
        } else {
          await writer.remove(id);
          ledger.set(id, null);
          mine.splice(mine.indexOf(id), 1);
        }
        writes++;
      } catch (error) {
        if (!(error instanceof TurnedAway)) throw error;
        turnedAway++;
      }
      await sleep(PAUSE_MS);
    }
  };
  const read = async (): Promise<void> => {
    for (; !stopped.signal.aborted; reads++) {
      const { status, text } = await admin.get('/crm/leads?limit=5');
      if (status !== 200 && !(interrupted && status === 503))
        throw new Error(`a reader was refused: ${String(status)} ${text}`);
      await sleep(PAUSE_MS);
    }
  };
  const work = [
    ...[
      byHttp(admin, interrupted ? ['unavailable'] : []),
      byHttp(admin, interrupted ? ['unavailable'] : []),
      byUnits(world, interrupted ? ['TM001'] : []),
      byUnits(world, interrupted ? ['TM001'] : []),
    ].map((writer) => write(writer)),
    read(),
  ];
  // one that fails ends the others
  for (const each of work)
    each.catch(() => {
      stopped.abort();
    });
  return {
    written: async (count) => {
      for (const goal = writes + count; writes < goal && !stopped.signal.aborted;) await sleep(PAUSE_MS);
    },
    stop: async () => {
      stopped.abort();
      await Promise.all(work);
      return { ledger, writes, turnedAway, reads };
    },
  };
}

function byHttp(client: Client, unavailable: readonly string[]): Writer {
  const told = async (answer: ReturnType<Client['get']>) => {
    const { status, body, text } = await answer;
    if (status === 503 && ['tenant_moving', ...unavailable].includes((body as { code: string }).code))
      throw new TurnedAway();
    if (status >= 300) throw new Error(`a writer was refused: ${String(status)} ${text}`);
    return body as { id: string };
  };
  return {
    create: async (name) => (await told(client.post('/crm/leads', { name }))).id,
    update: async (id, name) => {
      await told(client.patch(`/crm/leads/${id}`, { name }));
    },
    remove: async (id) => {
      await told(client.delete(`/crm/leads/${id}?hard=true`));
    },
  };
}

function byUnits({ plane, mine }: World, unavailable: readonly string[]): Writer {
  const run = async (action: string, id: string, text: string, values: unknown[]): Promise<void> => {
    const statements = [
      { text, values },
      {
        text: `insert into audit_log (organization_id, id, action, resource, resource_id) values ($1, $2, $3, 'crm_leads', $4)`,
        values: [mine.id, randomUUID(), action, id],
      },
    ];
    try {
      await plane.tenancy.run(mine.id, () =>
        plane.tenancy.transaction(async () => {
          for (const statement of statements) await plane.tenancy.write(statement);
        }),
      );
    } catch (error) {
      // by its shape: it is no `Error` of jest's realm
      const { code = '' } = error as { code?: string };
      throw ['TM002', ...unavailable].includes(code) ? new TurnedAway() : error;
    }
  };
  return {
    create: async (name) => {
      const id = randomUUID();
      await run('create', id, 'insert into crm_leads (organization_id, id, name) values ($1, $2, $3)', [
        mine.id,
        id,
        name,
      ]);
      return id;
    },
    update: (id, name) => run('update', id, 'update crm_leads set name = $1 where id = $2', [name, id]),
    remove: (id) => run('delete', id, 'delete from crm_leads where id = $1', [id]),
  };
}

/** What is wrong at the place where the tenant is now, against what its writers were told. Nothing: all is there, once. */
export async function faultsOf({ mine }: World, place: Place, before: number, { ledger, writes }: Report) {
  const { sql } = place.database;
  const rows = await sql<{ id: string; name: string }>(
    `select id, name from ${place.schema}.crm_leads where organization_id = $1`,
    [mine.id],
  );
  const stored = new Map(rows.map(({ id, name }) => [id, name]));
  const alive = [...ledger].filter(([, name]) => name !== null);
  const [audit] = await sql<{ count: number; twice: number }>(
    `select count(*)::int as count, (count(*) - count(distinct id))::int as twice from ${place.schema}.audit_log
     where organization_id = $1 and resource = 'crm_leads' and resource_id = any ($2)`,
    [mine.id, [...ledger.keys()]],
  );
  return {
    lost: alive.filter(([id]) => !stored.has(id)).length,
    different: alive.filter(([id, name]) => stored.has(id) && stored.get(id) !== name).length,
    back: [...ledger].filter(([id, name]) => name === null && stored.has(id)).length,
    unknown: rows.length - before - alive.length,
    unaudited: writes - (audit?.count ?? 0),
    auditedTwice: audit?.twice,
  };
}
export const NOTHING = { lost: 0, different: 0, back: 0, unknown: 0, unaudited: 0, auditedTwice: 0 };

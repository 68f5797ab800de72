import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { Server } from '../support/server.js';

/** `npm test` kills both at once, which is the hardest; `npm run test:crash` kills each and both, ten times. */
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? '0');
const KILLED =
  ROUNDS === 0
    ? [['both', 1] as const]
    : Array.from({ length: ROUNDS }, (_, round) =>
        ['node', 'PostgreSQL', 'both'].map((what) => [what, round + 1] as const),
      ).flat();
const WRITERS = 4;
/** Of the tenant that the demonstration has there. */
const ADMIN =
  { schema: 'admin@acme.com', database: 'admin@globex.com' }[process.env['PLACEMENT'] ?? ''] ?? 'admin@testcorp.com';

describe('kill -9 during writes', () => {
  let dataDir: string;
  let server: Server;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tenantry-crash-'));
    server = await Server.start(dataDir);
  }, 90_000);
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** The same person at the server that runs now. */
  const again = ({ headers }: Client): Client => server.client.with({ ...headers });
  const acknowledged: string[] = [];
  let made = 0;
  /** Writes until the server is gone; remembers what was answered 201. */
  const write = async (client: Client): Promise<void> => {
    for (;;) {
      const name = `Survivor ${String(made++)}`;
      const answer = await client.post('/crm/leads', { name }).catch(() => undefined);
      if (answer === undefined || answer.status >= 500) return;
      if (answer.status === 201) acknowledged.push(name);
    }
  };
  const stored = async (client: Client): Promise<string[]> => {
    const names: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await client.get(`/crm/leads?q=Survivor&limit=500&sort=created_at${cursor}`);
      const page = body as { items: { name: string }[]; next_cursor: string | null };
      names.push(...page.items.map(({ name }) => name));
      if (page.next_cursor === null) return names;
      cursor = `&cursor=${page.next_cursor}`;
    }
  };

  it.each(KILLED)(
    'of %s (round %i): the next start works and has every acknowledged write',
    async (what) => {
      const client = await server.client.signIn(ADMIN);
      const before = acknowledged.length;
      const writers = Array.from({ length: WRITERS }, () => write(client));
      await sleep(500 + Math.random() * 500);
      if (what !== 'node') server.killDatabase();
      if (what === 'PostgreSQL') {
        await Promise.all(writers);
        expect(await client.get('/crm/leads?limit=1')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
        expect(await server.stop()).toBe(0);
      } else await server.killNode();
      await Promise.all(writers);
      expect(acknowledged.length).toBeGreaterThan(before);

      server = await Server.start(dataDir);
      const names = new Set(await stored(again(client)));
      expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    },
    90_000,
  );

  it('stops at SIGTERM with exit code 0, finishing what runs', async () => {
    const client = await server.client.signIn(ADMIN);
    const running = Array.from({ length: 20 }, (_, n) =>
      client.post('/crm/leads', { name: `Last words ${String(n)}` }),
    );
    await sleep(20);
    const [code, answers] = await Promise.all([server.stop(), Promise.allSettled(running)]);
    expect(code).toBe(0);
    const answered = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value.status === 201 ? [answer.value] : [],
    );
    server = await Server.start(dataDir);
    const { body } = await again(client).get('/crm/leads?q=Last&limit=500');
    const names = (body as { items: { name: string }[] }).items.map(({ name }) => name);
    for (const answer of answered) expect(names).toContain((answer.body as { name: string }).name);
  }, 60_000);
});

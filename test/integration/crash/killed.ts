import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe } from '@jest/globals';
import type { Client } from '../../support/client.js';
import type { TestDatabase } from '../../support/database.js';
import { Server } from '../../support/server.js';
import { environmentOf, start } from '../cli/cli.js';
import { type Kill, KillingProxy } from './killing-proxy.js';

/** Removed at the end of the run, with the cluster. */
const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
const { CRASH_PLACES } = process.env;
/** `npm run test:crash:places` kills at each point; with CRASH_PLACES=once each kind of work is killed once. */
export const EVERYWHERE = CRASH_PLACES === 'all';
export const trial = CRASH_PLACES === undefined ? describe.skip : describe;
/** Points are met in this order until a command is done without having met one so late. */
const MOST = 400;

export interface Died {
  /** What it had sent when it died, and by which it died. */
  readonly at: string;
}

/** Runs commands, and nodes, as processes that are killed. */
export class Killings {
  private constructor(
    private readonly database: TestDatabase,
    private readonly proxy: KillingProxy,
    private readonly dataDir: string,
  ) {}

  static async on(database: TestDatabase): Promise<Killings> {
    const dataDir = mkdtempSync(join(RUN, 'killed-'));
    return new Killings(database, await KillingProxy.before(database.urls.superuser), dataDir);
  }

  /** A command runs to a point, and is killed there. undefined: it ended, well, before it came so far. */
  async killed(args: readonly string[], kill: Kill): Promise<Died | undefined> {
    // in production nothing is migrated that was not asked for
    const child = start(args, { env: { ...this.environment, ENVIRONMENT: 'production' } });
    this.proxy.arm(kill, () => child.kill('SIGKILL'));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    if (child.signalCode === 'SIGKILL') return { at: this.proxy.points.at(-1) ?? '' };
    if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${String(child.exitCode)}: ${out}${err}`);
    return undefined;
  }

  /** The same of a node, in the midst of what is asked of it: `ask` ends when it is answered, or has no answer any more. */
  async killedNode(asWhom: string, ask: (node: Client) => Promise<void>, kill: Kill): Promise<Died | undefined> {
    this.proxy.arm(undefined, () => undefined);
    const node = await Server.start(this.dataDir, { ...this.environment, ENVIRONMENT: 'test' });
    const client = await node.client.signIn(asWhom);
    let died: Died | undefined;
    this.proxy.arm(kill, () => {
      died = { at: this.proxy.points.at(-1) ?? '' };
      void node.killNode();
    });
    await ask(client);
    await node.killNode();
    return died;
  }

  close(): Promise<void> {
    return this.proxy.close();
  }

  private get environment(): Record<string, string> {
    const urls = Object.fromEntries(
      Object.entries(this.database.urls).map(([login, url]) => [login, this.proxy.through(url)]),
    ) as TestDatabase['urls'];
    return environmentOf({ urls });
  }
}

/** Kills a work at one point after the other, both ways, until it is done without meeting another. @returns how often */
export async function atEachPoint(work: (kill: Kill) => Promise<Died | undefined>): Promise<string[]> {
  const met: string[] = [];
  for (let point = 1; point < MOST; point++)
    for (const when of ['before', 'during'] as const) {
      const died = await work({ point, when }).catch((error: unknown) => {
        throw new Error(`killed ${when} point ${String(point)}, after ${met.join(', ')}`, { cause: error });
      });
      if (died === undefined) return met;
      met.push(`${when} ${died.at}`);
    }
  throw new Error('it never came to its end');
}

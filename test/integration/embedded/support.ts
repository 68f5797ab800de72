import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import { startEmbedded } from '../../../src/platform/database/embedded.js';
import type { EmbeddedOptions, EmbeddedPostgres } from '../../../src/platform/database/embedded.js';

export const password = 'a password with ä, % and @';
export const asRoot = process.getuid?.() === 0;

/** An account that everybody has and nobody uses. */
export const nobody = { uid: 65_534, gid: 65_534 };

const sources = fileURLToPath(new URL('./sources.mjs', import.meta.url));
const script = fileURLToPath(new URL('./node.mjs', import.meta.url));

/** Everything that one test file makes, so that nothing of it stays behind. */
export class Yard {
  readonly folder = mkdtempSync(join(tmpdir(), 'tenantry-embedded-'));
  readonly #children: ChildProcess[] = [];

  constructor() {
    chmodSync(this.folder, 0o711);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  start(directory: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
    return startEmbedded({ directory, password, log: () => undefined, ...options });
  }

  /** Another node on the directory. */
  node(directory: string, identity: { uid?: number; gid?: number } = {}, prefix: readonly string[] = []): Node {
    const [file, ...args] = [...prefix, process.execPath, '--import', sources, script, directory, password];
    const child = spawn(file, args, {
      ...identity,
      cwd: '/',
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    return new Node(child);
  }

  /** A process that has nothing to do with PostgreSQL. */
  bystander(uid: number): number {
    const child = spawn('sleep', ['60'], { uid, stdio: 'ignore', cwd: '/' });
    this.#children.push(child);
    return child.pid ?? 0;
  }

  clear(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const pid of postmastersBelow(this.folder)) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

type Message = { port: number; adopted: boolean } | { stopped: boolean } | { error: string };

/** A node process that tells what it does, a line of JSON each time. */
export class Node {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('the node has no output');
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async told(): Promise<Message> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the node ended without a word');
    return JSON.parse(line.value) as Message;
  }

  stop(): Promise<Message> {
    this.#child.stdin?.write('stop\n');
    return this.told();
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

function postmastersBelow(folder: string): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .flatMap((line) => (line.includes(`/postgres -D ${folder}/`) ? [Number.parseInt(line, 10)] : []));
}

export function postmasterPid(directory: string): number {
  return Number.parseInt(readFileSync(join(directory, 'postmaster.pid'), 'utf8'), 10);
}

export async function query<Row extends QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  // a server that is killed says so to whoever waits for an answer
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Row>(sql);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Why an ordinary user cannot run the sources here; undefined: he can. */
export function whyNobodyCannot(): string | undefined {
  if (!asRoot) return 'only root can become another user';
  const { status } = spawnSync(process.execPath, ['--import', sources, '-e', ''], { ...nobody, cwd: '/' });
  return status === 0 ? undefined : `the user nobody may not read ${sources}`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from './client.js';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const START_MS = 60_000;

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The product as people start it: a process of its own with the embedded database of a data directory. */
export class Server {
  private output = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly dataDir: string,
    readonly url: string,
  ) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  /** @param main another build than this project's */
  static async start(dataDir: string, environment: Record<string, string> = {}, main = MAIN): Promise<Server> {
    const port = await freePort();
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(DATABASE_|NODE_OPTIONS|JEST)/.test(name)),
    );
    const env = {
      ...inherited,
      DATA_DIR: dataDir,
      PORT: String(port),
      ENVIRONMENT: 'development',
      LOG_LEVEL: 'warn',
      LOG_PRETTY: 'false',
      ...environment,
    };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new Server(child, dataDir, `http://127.0.0.1:${String(port)}`);
    await server.untilReady();
    return server;
  }

  get client(): Client {
    return new Client(this.url);
  }

  get log(): string {
    return this.output;
  }

  killNode(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** SIGTERM, and the exit code. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.process.exitCode;
  }

  killDatabase(): void {
    const pid = Number(readFileSync(`${this.dataDir}/postgres/postmaster.pid`, 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    await exit;
  }

  private async untilReady(): Promise<void> {
    for (const until = Date.now() + START_MS; Date.now() < until;) {
      if (this.process.exitCode !== null) throw new Error(`the server ended at its start:\n${this.output}`);
      const answer = await this.client.get('//health/ready').catch(() => undefined);
      if (answer?.status === 200) return;
      await sleep(50);
    }
    await this.killNode();
    throw new Error(`the server did not become ready:\n${this.output}`);
  }
}

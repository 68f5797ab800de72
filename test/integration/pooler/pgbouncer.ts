import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../support/server.js';

const START_MS = 10_000;
/** Whom Debian's package runs it as; it refuses root. */
const USER = 'postgres';

/** One connection to the server for each login to a database, whatever the number of clients. */
const settings = (port: number, directory: string) => `[databases]
* = host=127.0.0.1 port=${String(port)}

[pgbouncer]
listen_addr = 127.0.0.1
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${directory}/users
pool_mode = transaction
default_pool_size = 1
max_client_conn = 200
query_wait_timeout = 5
stats_users = tenantry_app
`;

/** A PgBouncer in transaction mode before a server. */
export class PgBouncer {
  private output = '';
  private failure: Error | undefined;

  private constructor(
    private readonly process: ChildProcess,
    private readonly directory: string,
    private readonly server: URL,
    private readonly port: number,
  ) {
    process.on('error', (error) => {
      this.failure = error;
    });
    for (const stream of [process.stdout, process.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
  }

  /** In front of the server of a login's connection string. */
  static async before(connectionString: string): Promise<PgBouncer> {
    const server = new URL(connectionString);
    const directory = await mkdtemp(join(tmpdir(), 'tenantry-pgbouncer-'));
    const port = await freePort();
    const file = join(directory, 'pgbouncer.ini');
    await writeFile(file, `${settings(Number(server.port), directory)}listen_port = ${String(port)}\n`);
    await writeFile(join(directory, 'users'), `"${server.username}" "${server.password}"\n`);
    const isRoot = process.getuid?.() === 0;
    if (isRoot)
      for (const path of [directory, file, join(directory, 'users')]) await chown(path, idOf('-u'), idOf('-g'));
    const child = spawn('pgbouncer', [...(isRoot ? ['-u', USER] : []), file], {
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const bouncer = new PgBouncer(child, directory, server, port);
    await bouncer.untilReady();
    return bouncer;
  }

  /** The connection string that leads through it. */
  get url(): string {
    const url = new URL(this.server);
    url.host = `127.0.0.1:${String(this.port)}`;
    return url.href;
  }

  /** The same, with the word by which the product knows. */
  get pooledUrl(): string {
    return `${this.url}?pgbouncer=true`;
  }

  /** What it tells of its connections to servers. */
  async servers(): Promise<{ database: string; user: string }[]> {
    const url = new URL(this.url);
    url.pathname = '/pgbouncer';
    const client = new pg.Client(url.href);
    await client.connect();
    try {
      return (await client.query<{ database: string; user: string }>('show servers')).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const exit = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exit;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    for (const until = Date.now() + START_MS; Date.now() < until;) {
      const answers = await this.servers().then(
        () => true,
        () => false,
      );
      if (answers) return;
      if (this.failure !== undefined)
        throw new Error('pgbouncer does not start: is it installed?', { cause: this.failure });
      if (this.process.exitCode !== null) throw new Error(`pgbouncer has ended:\n${this.output}`);
      await sleep(20);
    }
    await this.stop();
    throw new Error(`pgbouncer takes no connections:\n${this.output}`);
  }
}

const idOf = (which: '-u' | '-g'): number => Number(execFileSync('id', [which, USER], { encoding: 'utf8' }));

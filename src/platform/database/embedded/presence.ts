import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { errorCode } from './system.js';

/** The name under which a process that is about to go is connected; it needs the server no longer. */
const leaving = 'tenantry leaving';
/** How long connections that were just closed may take to disappear from the server. */
const farewellMs = 1000;

/** Refused, or not taking logins yet or any more: to be tried again. */
const passing: readonly unknown[] = ['57P03', '57P01', '53300', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];
const wrongPassword: readonly unknown[] = ['28P01', '28000'];

/** The server refuses the superuser's password. */
export class LoginRefused extends Error {}

/** A connection of this process that stays open and says to others: somebody uses this server. It does not keep node alive. */
export class Presence {
  readonly #client: Client;
  readonly #socket: Socket;

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
  }

  /** Undefined while the server at the URL does not take logins, or when it is not the one of that pid. Throws LoginRefused. */
  static async open(url: string, postmasterPid: number): Promise<Presence | undefined> {
    const socket = new Socket();
    const client = new Client({
      stream: () => socket,
      connectionString: url,
      application_name: 'tenantry presence',
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    });
    // a server that goes away ends the connection: whoever uses the database hears of it by his own
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: string }>(
        "select split_part(pg_read_file('postmaster.pid'), chr(10), 1) as pid",
      );
      if (rows[0]?.pid === String(postmasterPid)) {
        socket.unref();
        return new Presence(client, socket);
      }
    } catch (error) {
      if (wrongPassword.includes(errorCode(error))) throw new LoginRefused(String(error), { cause: error });
      if (!passing.includes(errorCode(error)) && !/terminated|timeout/i.test(String(error))) throw error;
    }
    await client.end().catch(() => undefined);
    return undefined;
  }

  /** Says that this process goes, and how many connections of others remain. Those of `ownName` are our own. */
  async leave(ownName: string | undefined): Promise<number> {
    this.#socket.ref();
    await this.#client.query("select set_config('application_name', $1, false)", [leaving]);
    const until = Date.now() + farewellMs;
    for (;;) {
      const others = await this.#others(ownName);
      if (others === 0 || Date.now() > until) return others;
      await sleep(50);
    }
  }

  async #others(ownName: string | undefined): Promise<number> {
    const { rows } = await this.#client.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name not in ($1, $2)`,
      [leaving, ownName ?? leaving],
    );
    return rows[0]?.others ?? 0;
  }

  async close(): Promise<void> {
    this.#socket.ref();
    await this.#client.end().catch(() => undefined);
  }
}

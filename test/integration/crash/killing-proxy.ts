import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a process is killed: at its so-manyth point, before the server has that request, or while the server works on it. */
export interface Kill {
  readonly point: number;
  readonly when: 'before' | 'during';
}

/** What of SQL changes something that stays. */
const CHANGES =
  /\b(insert into|update|delete from|create|drop|alter|grant|revoke|reassign|do \$|analyze)\b|\btenancy\.(?!enter)\w+\(/i;
/** What nodes do by the clock, whatever they were asked for. */
const BY_THE_CLOCK = /make_audit_partitions|outbox_backlog|pgboss/;

/**
 * Stands between a process and PostgreSQL, and reads along (PostgreSQL's documentation, "Message Flow"). A point is a request
 * by which the database comes into another state: a statement that changes something by itself, or a commit. Whoever is
 * killed anywhere between two points leaves what he leaves at the second.
 */
export class KillingProxy {
  /** The points that were met since `arm`, in the order of their coming. */
  readonly points: string[] = [];
  private readonly sockets = new Set<Socket>();
  private armed: { readonly kill: Kill | undefined; readonly die: () => void } | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** In front of the server of a connection string. */
  static async before(connectionString: string): Promise<KillingProxy> {
    const server = createServer();
    const proxy = new KillingProxy(server, new URL(connectionString));
    server.on('connection', (client) => proxy.accept(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** A connection string as it leads through this. */
  through(connectionString: string): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    const url = new URL(connectionString);
    url.host = `127.0.0.1:${String(address.port)}`;
    return url.href;
  }

  /** Counts points from here on. @param kill undefined: none is fatal */
  arm(kill: Kill | undefined, die: () => void): void {
    this.points.length = 0;
    this.armed = { kill, die };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    let status = 'I';
    const answers = new Frames(true, (type, body) => {
      // ReadyForQuery
      if (type === 'Z') status = body.toString();
    });
    server.on('data', (chunk: Buffer) => {
      answers.push(chunk);
      client.write(chunk);
    });
    const requests = new Requests((text, bytes) => {
      const isFatal = this.isFatal(text, status);
      if (isFatal !== 'before') server.write(bytes);
      if (isFatal !== undefined) this.armed?.die();
    });
    client.on('data', (chunk: Buffer) => requests.push(chunk));
  }

  private isFatal(text: string, status: string): Kill['when'] | undefined {
    if (this.armed === undefined || !isPoint(text, status)) return undefined;
    this.points.push(text.replaceAll(/\s+/g, ' ').slice(0, 120));
    const { kill } = this.armed;
    return kill?.point === this.points.length ? kill.when : undefined;
  }
}

function isPoint(text: string, status: string): boolean {
  if (BY_THE_CLOCK.test(text)) return false;
  if (/(^|;)\s*commit\b/i.test(text)) return true;
  return status === 'I' && !/^\s*(begin|start transaction)/i.test(text) && CHANGES.test(text);
}

/** Cuts a stream into messages. */
class Frames {
  private rest = Buffer.alloc(0);

  /** @param hasBegun false: the first message has no type */
  constructor(
    private hasBegun: boolean,
    private readonly take: (type: string, body: Buffer, whole: Buffer) => void,
  ) {}

  push(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const head = this.hasBegun ? 1 : 0;
      if (this.rest.length < head + 4) return;
      const size = head + this.rest.readInt32BE(head);
      if (this.rest.length < size) return;
      const whole = this.rest.subarray(0, size);
      this.rest = this.rest.subarray(size);
      const type = this.hasBegun ? String.fromCharCode(whole.readUInt8(0)) : '';
      this.hasBegun = true;
      this.take(type, whole.subarray(head + 4), whole);
    }
  }
}

/** What is held back until the request is whole: Parse, Bind, Describe, Execute, Close. */
const PARTS = 'PBDEC';

/** Cuts what a client sends into requests, each with its SQL; everything else passes as it comes, as a request without any. */
class Requests {
  private held: Buffer[] = [];
  private texts: string[] = [];
  private readonly frames: Frames;

  constructor(private readonly take: (text: string, bytes: Buffer) => void) {
    this.frames = new Frames(false, (type, body, whole) => this.next(type, body, whole));
  }

  push(chunk: Buffer): void {
    this.frames.push(chunk);
  }

  private next(type: string, body: Buffer, whole: Buffer): void {
    this.held.push(whole);
    const words = body.toString().split('\0');
    // the text of a query, or that of a statement behind its name
    if (type === 'Q') this.texts.push(words[0] ?? '');
    else if (type === 'P') this.texts.push(words[1] ?? '');
    if (PARTS.includes(type) && type !== '') return;
    const [text, bytes] = [this.texts.join('; '), Buffer.concat(this.held)];
    [this.held, this.texts] = [[], []];
    this.take(text, bytes);
  }
}

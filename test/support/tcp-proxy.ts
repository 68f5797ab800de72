import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, and can do to them what networks do. */
export class TcpProxy {
  /** Connections that clients have opened, also those that were refused. */
  accepted = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private mode: 'forward' | 'silent' | 'refuse' = 'forward';

  private constructor(private readonly target: URL) {
    this.server = createServer((client) => this.accept(client));
  }

  /** In front of the server of a connection string. */
  static async before(connectionString: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(connectionString));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** The connection string that leads through it. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    const url = new URL(this.target);
    url.host = `127.0.0.1:${String(address.port)}`;
    return url.toString();
  }

  /** Forwards nothing from now on, and says so to nobody: what is open is half-open, and stays so for ever. */
  silence(): void {
    this.mode = 'silent';
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** Cuts everything, and lets nobody in. */
  refuse(): void {
    this.mode = 'refuse';
    this.cut();
  }

  /** Forwards what is opened from now on. */
  forward(): void {
    this.mode = 'forward';
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    this.accepted++;
    if (this.mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    this.keep(client);
    if (this.mode === 'silent') return;
    const server = connect(Number(this.target.port), this.target.hostname);
    this.keep(server);
    client.pipe(server).pipe(client);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

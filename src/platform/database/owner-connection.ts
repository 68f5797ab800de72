import pg from 'pg';
import { CONNECT_TIMEOUT_MS } from './client-options.js';
import { type DatabaseAt, Servers } from './servers.js';

/** A connection of the owner, to one database after the other. */
export class OwnerConnection {
  private client: pg.Client | undefined;
  private to = '';

  constructor(private readonly servers: Servers) {}

  async at({ server, database }: DatabaseAt): Promise<pg.Client> {
    const url = this.servers.url('owner', { server, database });
    if (this.client !== undefined && this.to === url) return this.client;
    await this.end();
    const client = new pg.Client({
      connectionString: url,
      application_name: 'tenantry migrate',
      // a server that swallows connections must not hold up those who are elsewhere
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // a connection that the server drops fails the statement on it, and needs no second word
    client.on('error', () => undefined);
    await client.connect();
    this.to = url;
    return (this.client = client);
  }

  /** Locks of its session go with it. */
  async end(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end();
  }
}

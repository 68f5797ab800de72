import { Unavailable } from '../../common/problems.js';

/** Connection strings of the logins. The owner's is for migrations alone and need not be there to serve. */
export interface DatabaseUrls {
  readonly owner?: string;
  readonly app: string;
  readonly platform: string;
  /** The login for moves; without it this node moves no tenant. */
  readonly mover?: string;
  /** The owner's on each further server, by the server's name. The other logins have the same names and passwords there. */
  readonly servers?: ReadonlyMap<string, string>;
}
export type Login = 'owner' | 'app' | 'platform' | 'mover';

/** A database of a named server. */
export interface DatabaseAt {
  readonly server: string;
  readonly database: string;
}

/** The server of the main database. */
export const MAIN_SERVER = 'main';

/** The servers that are configured, by the names that tables hold instead of passwords. */
export class Servers {
  /** The main database, where core and the shared location are. */
  readonly main: DatabaseAt;

  constructor(private readonly urls: DatabaseUrls) {
    this.main = { server: MAIN_SERVER, database: databaseOf(urls.app) };
  }

  names(): string[] {
    return [MAIN_SERVER, ...(this.urls.servers?.keys() ?? [])];
  }

  isMain({ server, database }: DatabaseAt): boolean {
    return server === MAIN_SERVER && database === this.main.database;
  }

  /** Whether this process was given such a login on a server. */
  has(login: Login, server: string): boolean {
    return this.find(login, server) !== undefined;
  }

  /** A connection string. Throws 503 for a server that this node does not know, or a login that it was not given there. */
  url(login: Login, { server, database }: DatabaseAt = this.main): string {
    const url = this.find(login, server);
    if (url === undefined) throw Unavailable();
    url.pathname = `/${encodeURIComponent(database)}`;
    return url.href;
  }

  /** Where databases of a server are made and dropped from: never one of theirs. Throws 503 as `url` does. */
  maintenance(server: string): DatabaseAt {
    if (server === MAIN_SERVER) return this.main;
    const url = this.find('owner', server);
    if (url === undefined) throw Unavailable();
    return { server, database: databaseOf(url.href) };
  }

  private find(login: Login, server: string): URL | undefined {
    const known = this.urls[login];
    if (server === MAIN_SERVER) return known === undefined ? undefined : new URL(known);
    const owner = this.urls.servers?.get(server);
    if (owner === undefined) return undefined;
    const url = new URL(owner);
    if (login === 'owner') return url;
    if (known === undefined) return undefined;
    const { username, password } = new URL(known);
    return Object.assign(url, { username, password });
  }
}

/** The name of the database in a connection string. */
export const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));

import type { DatabaseUrls } from '../../src/platform/database/index.js';
import type { Person } from '../data.js';

export interface ProductSettings {
  readonly urls: DatabaseUrls;
  /** The owner's connection string on each further server, by its name: a map does not pass between processes. */
  readonly servers: Readonly<Record<string, string>>;
}
export interface PlainSettings {
  readonly url: string;
}
/** Of a server: what it has used; of the product also access tokens, so that nobody has to sign in. */
export type ServerQuestion = { readonly ask: 'usage' };
export type ProductQuestion = ServerQuestion | { readonly ask: 'tokens'; readonly people: readonly Person[] };
/** What a server says when it is ready. */
export interface Listening {
  readonly port: number;
}

import { Child } from './child.js';
import type { DatabaseUrls } from '../src/platform/database/index.js';
import type { Person } from './data.js';
import { NODE_FLAGS } from './servers/flags.js';
import type { Listening, ProductQuestion, ProductSettings, ServerQuestion } from './servers/questions.js';
import type { Usage } from './servers/usage.js';

/** A server under measurement: one process. */
export type Server = Child<Listening>;

/** @param servers the owner's connection string on each further server, by its name */
export const startProduct = (urls: DatabaseUrls, servers: Readonly<Record<string, string>> = {}): Promise<Server> =>
  Child.start('./servers/product.js', { urls, servers } satisfies ProductSettings, NODE_FLAGS);
/** Those that know no tenants: the floor and what is usually written. */
export const startPlain = (name: 'floor' | 'typical', { app: url }: DatabaseUrls): Promise<Server> =>
  Child.start(`./servers/${name}.js`, { url });

export const usageOf = (server: Server): Promise<Usage> => server.ask({ ask: 'usage' } satisfies ServerQuestion);
/** Access tokens of the product: so that nobody has to sign in. */
export const tokensFor = (product: Server, people: readonly Person[]): Promise<string[]> =>
  product.ask({ ask: 'tokens', people } satisfies ProductQuestion);

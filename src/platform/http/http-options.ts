import type { Config } from '../../config/index.js';

/** What this folder needs of the configuration. */
export type HttpOptions = Pick<Config, 'environment' | 'corsOrigins' | 'trustProxy'>;

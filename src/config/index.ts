export { CONFIG, describeConfig } from './config.js';
export type { Config, DatabaseConfig } from './config.js';
export { ConfigError } from './fault.js';
export { loadConfig } from './load.js';
export type { Setting } from './reader.js';
export { localSecrets } from './secrets.js';

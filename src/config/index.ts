export { CONFIG, describeConfig } from './config.js';
export type { Config } from './config.js';
export { ConfigError } from './fault.js';
export { loadConfig } from './load.js';
export { localSecrets } from './secrets.js';

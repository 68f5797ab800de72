export { CONFIG, describeConfig } from './config.js';
export type { Config, DatabaseConfig, LogLevel, S3Config } from './config.js';
export { ConfigError } from './fault.js';
export type { ConfigFault } from './fault.js';
export { loadConfig } from './load.js';
export type { Setting } from './reader.js';
export { localSecrets, secretsFile } from './secrets.js';
export type { LocalSecrets } from './secrets.js';
export type { Environment } from './variable.js';

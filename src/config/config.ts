import type { Setting } from './reader.js';
import type { Environment } from './variable.js';

/** The embedded PostgreSQL of DATA_DIR, or servers that somebody else keeps. */
export type DatabaseConfig =
  | { kind: 'embedded' }
  | {
      kind: 'external';
      /** The owner's login; migrations alone need it. */
      ownerUrl: string | undefined;
      appUrl: string;
      platformUrl: string;
      /** The login for moves; undefined: this node moves no tenant. */
      moverUrl: string | undefined;
    };

export interface S3Config {
  /** undefined: AWS's own. */
  endpoint: string | undefined;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
  checksums: 'when_required' | 'when_supported';
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** The environment, read once; injected by the token CONFIG. Paths are absolute, durations in the unit of their name. */
export interface Config {
  readonly projectName: string;
  readonly version: string;
  readonly environment: Environment;
  /** 0, in test only: any free one. */
  readonly port: number;
  readonly host: string;
  readonly baseDomain: string | undefined;
  /** undefined: /metrics is served on `port`. */
  readonly metricsPort: number | undefined;
  /** Hops, or addresses and networks of the proxies; undefined: none is trusted. */
  readonly trustProxy: number | readonly string[] | undefined;
  readonly database: DatabaseConfig;
  readonly dataDir: string;
  /** Schema of the shared location. */
  readonly sharedSchema: string;
  /** Owner's URL by server name; the main database's server, `main`, is not among them. */
  readonly tenantServers: ReadonlyMap<string, string>;
  readonly tenantMaxConnections: number;
  readonly poolMax: number;
  readonly connectionLifetimeMs: number;
  /** Background jobs at once. */
  readonly jobsConcurrency: number;
  readonly redisUrl: string | undefined;
  readonly multiTenancy: boolean;
  /** Code of the one tenant when `multiTenancy` is off. */
  readonly defaultTenant: string;
  readonly moveRetentionMs: number;
  readonly tenantGraceMs: number;
  /** Cron, in UTC; undefined: no node backs up by itself. */
  readonly backupSchedule: string | undefined;
  readonly backupKeep: number;
  readonly secretKey: string;
  readonly algorithm: 'HS256';
  readonly accessTokenMinutes: number;
  readonly refreshTokenDays: number;
  readonly jwtIssuer: string;
  readonly jwtAudience: string;
  readonly encryptionKey: string;
  readonly corsOrigins: readonly string[];
  /** undefined: nothing is seeded. */
  readonly seedPassword: string | undefined;
  /** undefined: mails go to the log. */
  readonly smtp: { url: string; from: string } | undefined;
  /** undefined: files are kept under `dataDir`. */
  readonly s3: S3Config | undefined;
  readonly slowQueryMs: number;
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
  readonly logPretty: boolean;
  /** Every variable as it is in force, secrets masked; for `describeConfig`. */
  readonly settings: readonly Setting[];
}

/** The Nest token of the Config. */
export const CONFIG = Symbol('Config');

/** Every variable with the value in force (secrets masked, of URLs only the password; '' for none) and where it came from. */
export function describeConfig(config: Config): Setting[] {
  return config.settings.map((setting) => ({ ...setting }));
}

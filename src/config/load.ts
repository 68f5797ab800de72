import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../common/errors.js';
import type { Config, DatabaseConfig, S3Config } from './config.js';
import { environment as realEnvironment } from './environment.js';
import { ConfigError } from './fault.js';
import { EnvironmentReader } from './reader.js';
import type { Env } from './reader.js';
import { localSecrets } from './secrets.js';
import type { Environment, Variable } from './variable.js';
import { demoPassword, exampleSecret, variables as v } from './variables.js';

const makeOne = 'Make one: node -e "console.log(crypto.randomBytes(48).toString(\'base64url\'))"';

/** The version in the nearest package.json above this file, which is the product's own in src and in dist. */
function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const read: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (typeof read === 'object' && read !== null && 'version' in read && typeof read.version === 'string')
        return read.version;
    } catch {
      // not at this depth
    }
  }
  return '0.0.0';
}

function portsOf(reader: EnvironmentReader, environment: Environment): Pick<Config, 'port' | 'metricsPort'> {
  const ports = { port: reader.read(v.port), metricsPort: reader.read(v.metricsPort) };
  for (const [variable, port] of [
    [v.port, ports.port],
    [v.metricsPort, ports.metricsPort],
  ] as const) {
    if (port === 0 && environment !== 'test')
      reader.fault(
        variable,
        '(0) would take any free port, which only ENVIRONMENT=test may',
        'Name a port from 1 to 65535.',
      );
  }
  return ports;
}

function generalOf(
  reader: EnvironmentReader,
  environment: Environment,
): Pick<
  Config,
  'projectName' | 'version' | 'environment' | 'port' | 'host' | 'baseDomain' | 'metricsPort' | 'trustProxy'
> {
  return {
    projectName: reader.read(v.projectName),
    version: reader.read(v.version) ?? packageVersion(),
    environment: reader.read(v.environment),
    ...portsOf(reader, environment),
    host: reader.read(v.host),
    baseDomain: reader.read(v.baseDomain),
    trustProxy: reader.read(v.trustProxy),
  };
}

/** Nothing set: embedded. Anything set: the two logins that serve are needed, the owner's is not (it migrates, elsewhere perhaps). */
function databaseOf(reader: EnvironmentReader): DatabaseConfig {
  const urls = {
    ownerUrl: reader.read(v.databaseUrl),
    appUrl: reader.read(v.databaseAppUrl),
    platformUrl: reader.read(v.databasePlatformUrl),
    moverUrl: reader.read(v.databaseMoverUrl),
  };
  const given = [v.databaseUrl, v.databaseAppUrl, v.databasePlatformUrl, v.databaseMoverUrl].filter(
    (variable) => reader.textOf(variable) !== undefined,
  );
  const [first] = given;
  if (first === undefined) return { kind: 'embedded' };
  for (const variable of [v.databaseAppUrl, v.databasePlatformUrl]) {
    if (!given.includes(variable))
      reader.fault(
        variable,
        `is missing although ${first.name} is set`,
        `Give it (${variable.example ?? ''}), or leave all DATABASE_… URLs out for the embedded database.`,
      );
  }
  return { kind: 'external', ...urls, appUrl: urls.appUrl ?? '', platformUrl: urls.platformUrl ?? '' };
}

function placesOf(
  reader: EnvironmentReader,
): Pick<
  Config,
  | 'database'
  | 'dataDir'
  | 'sharedSchema'
  | 'tenantServers'
  | 'tenantMaxConnections'
  | 'poolMax'
  | 'connectionLifetimeMs'
  | 'jobsConcurrency'
  | 'redisUrl'
  | 'multiTenancy'
  | 'defaultTenant'
  | 'moveRetentionMs'
  | 'tenantGraceMs'
  | 'backupSchedule'
  | 'backupKeep'
> {
  return {
    database: databaseOf(reader),
    dataDir: resolve(reader.read(v.dataDir)),
    sharedSchema: reader.read(v.defaultTenantSchema),
    tenantServers: reader.read(v.tenantServers) ?? new Map(),
    tenantMaxConnections: reader.read(v.tenantMaxConnections),
    poolMax: reader.read(v.dbPoolMax),
    connectionLifetimeMs: reader.read(v.dbConnectionLifetime),
    jobsConcurrency: reader.read(v.jobsConcurrency),
    redisUrl: reader.read(v.redisUrl),
    multiTenancy: reader.read(v.enableMultiTenancy),
    defaultTenant: reader.read(v.defaultTenant),
    moveRetentionMs: reader.read(v.moveRetention),
    tenantGraceMs: reader.read(v.tenantGrace),
    backupSchedule: reader.read(v.backupSchedule),
    backupKeep: reader.read(v.backupKeep),
  };
}

function keyOf(
  reader: EnvironmentReader,
  variable: Variable<string | undefined>,
  environment: Environment,
): string | undefined {
  const key = reader.read(variable);
  if (key === undefined) {
    if (environment === 'production') reader.fault(variable, 'is missing, and production makes none up', makeOne);
  } else if (key.length < 32) {
    reader.fault(variable, `has only ${String(key.length)} of at least 32 characters`, makeOne);
  } else if (environment === 'production' && key === exampleSecret) {
    reader.fault(variable, 'is the one of .env.example, which everybody knows', makeOne);
  }
  return key;
}

function signInOf(reader: EnvironmentReader, environment: Environment) {
  const seedPassword = reader.read(v.seedPassword);
  const corsOrigins = reader.read(v.backendCorsOrigins);
  if (environment === 'production') {
    if (seedPassword === demoPassword)
      reader.fault(
        v.seedPassword,
        'is the demo password, which everybody knows',
        'Take another, or leave it out: then nothing is seeded.',
      );
    if (corsOrigins.includes('*'))
      reader.fault(
        v.backendCorsOrigins,
        'holds *, which lets the pages of any site call the API',
        'List the origins that may, like ["https://app.example.com"].',
      );
  }
  return {
    seedPassword,
    corsOrigins,
    secretKey: keyOf(reader, v.secretKey, environment),
    encryptionKey: keyOf(reader, v.encryptionKey, environment),
    algorithm: reader.read(v.algorithm),
    accessTokenMinutes: reader.read(v.accessTokenExpireMinutes),
    refreshTokenDays: reader.read(v.refreshTokenExpireDays),
    jwtIssuer: reader.read(v.jwtIssuer),
    jwtAudience: reader.read(v.jwtAudience),
  };
}

function smtpOf(reader: EnvironmentReader): Config['smtp'] {
  const [url, from] = [reader.read(v.smtpUrl), reader.read(v.mailFrom)];
  if (url === undefined) return undefined;
  if (reader.textOf(v.mailFrom) === undefined)
    reader.fault(
      v.mailFrom,
      'is missing although SMTP_URL is set',
      'Name the sender, like Tenantry <no-reply@example.com>.',
    );
  return { url, from: from ?? '' };
}

function s3Of(reader: EnvironmentReader): S3Config | undefined {
  const bucket = reader.read(v.s3Bucket);
  const read = {
    endpoint: reader.read(v.s3Endpoint),
    region: reader.read(v.s3Region),
    checksums: reader.read(v.s3Checksums),
  };
  const keys = { accessKey: reader.read(v.s3AccessKey), secretKey: reader.read(v.s3SecretKey) };
  const given = [v.s3Bucket, v.s3Endpoint, v.s3AccessKey, v.s3SecretKey].filter(
    (variable) => reader.textOf(variable) !== undefined,
  );
  const [first] = given;
  if (first === undefined) return undefined;
  for (const variable of [v.s3Bucket, v.s3AccessKey, v.s3SecretKey]) {
    if (!given.includes(variable))
      reader.fault(
        variable,
        `is missing although ${first.name} is set`,
        'Give it, or leave all of S3_… out to keep files on the local disk.',
      );
  }
  return { ...read, bucket: bucket ?? '', accessKey: keys.accessKey ?? '', secretKey: keys.secretKey ?? '' };
}

function logsOf(reader: EnvironmentReader): Pick<Config, 'slowQueryMs' | 'logLevel' | 'logFile' | 'logPretty'> {
  const logFile = reader.read(v.logFile);
  return {
    slowQueryMs: reader.read(v.slowQueryMs),
    logLevel: reader.read(v.logLevel),
    logFile: logFile === undefined ? undefined : resolve(logFile),
    logPretty: reader.read(v.logPretty),
  };
}

/**
 * The configuration in `env`, by default `.env` of the working directory under the process's environment.
 * Outside production it makes the keys that are not set, at first start, in DATA_DIR. Throws a ConfigError that tells all faults.
 */
export function loadConfig(env: Env = realEnvironment()): Config {
  const named = v.environment.parse(env[v.environment.name]?.trim() || 'development');
  const environment = 'value' in named ? named.value : 'development';
  const reader = new EnvironmentReader(env, environment);
  const general = generalOf(reader, environment);
  const places = placesOf(reader);
  const signIn = signInOf(reader, environment);
  const rest = { smtp: smtpOf(reader), s3: s3Of(reader), ...logsOf(reader) };
  if (reader.faults.length > 0) throw new ConfigError(reader.faults);
  return Object.freeze({
    ...general,
    ...places,
    ...signIn,
    ...keysOf(signIn, places.dataDir),
    ...rest,
    settings: reader.settings,
  });
}

type Keys = Pick<Config, 'secretKey' | 'encryptionKey'>;

function keysOf({ secretKey, encryptionKey }: { [K in keyof Keys]: Keys[K] | undefined }, dataDir: string): Keys {
  if (secretKey !== undefined && encryptionKey !== undefined) return { secretKey, encryptionKey };
  try {
    const made = localSecrets(dataDir);
    return { secretKey: secretKey ?? made.secretKey, encryptionKey: encryptionKey ?? made.encryptionKey };
  } catch (error) {
    throw new ConfigError([
      {
        name: v.dataDir.name,
        wrong: 'cannot keep the secrets of this installation',
        remedy: messageOf(error),
      },
    ]);
  }
}

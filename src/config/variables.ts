import {
  directUrl,
  duration,
  flag,
  matching,
  oneOf,
  origins,
  pooledUrl,
  proxies,
  schedule,
  servers,
  tenantSchema,
  text,
  url,
  whole,
} from './parsers.js';
import { optional, variable } from './variable.js';

/** Stands in .env.example, so everybody knows it. */
export const exampleSecret = 'change-me-change-me-change-me-change-me';
/** The password of the demo logins. */
export const demoPassword = 'password123';

const port = whole(0, 65_535);
const tenantCode = matching(/^[A-Za-z0-9][A-Za-z0-9_-]{1,49}$/, 'a tenant code', 'default');
const onlyHs256 = oneOf('HS256');
const hostName = matching(
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
  'a host name in small letters without scheme and port',
  'example.com',
);
const bucketName = matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket', 'tenantry-files');
const mailAddress = matching(
  /^[^<>\r\n]+@[^<>@\s]+$|^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$/,
  'a mail address',
  'Tenantry <no-reply@example.com>',
);

/** The process itself and how it is reached. */
const general = {
  projectName: variable(
    'PROJECT_NAME',
    text,
    'Tenantry',
    'What the product calls itself in the banner, in /docs and in mails.',
  ),
  version: optional('VERSION', text, 'The version that is shown; unset: that of package.json.'),
  environment: variable(
    'ENVIRONMENT',
    oneOf('development', 'test', 'production'),
    'development',
    'development, test or production; production refuses every convenience.',
  ),
  port: variable('PORT', port, '3000', 'Port of the API; 0 takes any free one, in test only.'),
  host: variable(
    'HOST',
    text,
    { development: '127.0.0.1', test: '127.0.0.1', production: '0.0.0.0' },
    'Address the API listens on; 0.0.0.0 in production.',
  ),
  baseDomain: optional(
    'BASE_DOMAIN',
    hostName,
    'Domain whose subdomains name tenants (acme.example.com); unset: only the domains of their own do.',
    { example: 'example.com' },
  ),
  metricsPort: optional('METRICS_PORT', port, 'Port of its own for /metrics; unset: that of the API.', {
    example: '9464',
  }),
  trustProxy: optional(
    'TRUST_PROXY',
    proxies,
    'Addresses of the proxies in front, or their number of hops; never true. Unset: none is trusted.',
    { example: '10.0.0.0/8' },
  ),
};

/** Where the data is. */
const database = {
  databaseUrl: optional(
    'DATABASE_URL',
    directUrl,
    'The owner’s login, for migrations alone; with no DATABASE_… set, a PostgreSQL is embedded.',
    {
      secret: 'password',
      example: 'postgres://tenantry_owner:password@localhost:5432/tenantry',
    },
  ),
  databaseAppUrl: optional(
    'DATABASE_APP_URL',
    pooledUrl,
    'The application’s login, which every policy binds; with ?pgbouncer=true behind a pooler in transaction mode.',
    {
      secret: 'password',
      example: 'postgres://tenantry_app:password@localhost:5432/tenantry',
    },
  ),
  databasePlatformUrl: optional(
    'DATABASE_PLATFORM_URL',
    directUrl,
    'The login for what crosses tenants: sign-in, tenant administration.',
    {
      secret: 'password',
      example: 'postgres://tenantry_platform:password@localhost:5432/tenantry',
    },
  ),
  databaseMoverUrl: optional(
    'DATABASE_MOVER_URL',
    directUrl,
    'The login for moves and restores of tenants; unset: this node moves none.',
    {
      secret: 'password',
      example: 'postgres://tenantry_mover:password@localhost:5432/tenantry',
    },
  ),
  dataDir: variable(
    'DATA_DIR',
    text,
    '.data',
    'Folder of the embedded database, the stored files and the secrets made at first start.',
  ),
  defaultTenantSchema: variable(
    'DEFAULT_TENANT_SCHEMA',
    tenantSchema,
    'shared',
    'Schema of the shared location; not public, not core.',
  ),
  tenantServers: optional(
    'TENANT_SERVERS',
    servers,
    'More database servers for tenants, name=url,name=url, each with its owner’s login there.',
    {
      secret: 'password',
      example: 'eu-1=postgres://tenantry_owner:password@eu-1.internal:5432/postgres',
    },
  ),
  tenantMaxConnections: variable(
    'TENANT_MAX_CONNECTIONS',
    whole(1, 10_000),
    '40',
    'Most connections this node opens to all tenant databases together.',
  ),
  dbPoolMax: variable('DB_POOL_MAX', whole(1, 1000), '8', 'Most connections of each pool to the main database.'),
  dbConnectionLifetime: variable(
    'DB_CONNECTION_LIFETIME',
    duration,
    '30m',
    'Age at which a connection is replaced by a new one.',
  ),
  jobsConcurrency: variable('JOBS_CONCURRENCY', whole(1, 100), '4', 'Background jobs that this node does at once.'),
  redisUrl: optional(
    'REDIS_URL',
    url(['redis:', 'rediss:'], 'redis://localhost:6379'),
    'Redis for limits shared by the nodes; unset: PostgreSQL serves.',
    {
      secret: 'password',
      example: 'redis://localhost:6379',
    },
  ),
};

const tenancy = {
  enableMultiTenancy: variable(
    'ENABLE_MULTI_TENANCY',
    flag,
    'true',
    'false: the default tenant serves every request, and tenants cannot be named or made.',
  ),
  defaultTenant: variable('DEFAULT_TENANT', tenantCode, 'default', 'Code of the one tenant when there is only one.'),
  moveRetention: variable(
    'MOVE_RETENTION',
    duration,
    '24h',
    'How long the rows of a moved tenant stay at the old place.',
  ),
  tenantGrace: variable(
    'TENANT_GRACE',
    duration,
    '30d',
    'How long a deleted tenant can be restored; then it is purged, with all that there is of it.',
  ),
  backupSchedule: variable(
    'BACKUP_SCHEDULE',
    schedule,
    { development: 'never', test: 'never', production: '15 3 * * *' },
    'When all tenants are backed up into the bucket, or under DATA_DIR, as cron in UTC, or never; 15 3 * * * in production.',
  ),
  backupKeep: variable('BACKUP_KEEP', whole(1, 1000), '7', 'How many of those backups are kept.'),
};

const signIn = {
  secretKey: optional(
    'SECRET_KEY',
    text,
    'Key that signs tokens, 32 characters or more; made at first start outside production.',
    { secret: 'whole', example: exampleSecret },
  ),
  algorithm: variable('ALGORITHM', onlyHs256, 'HS256', 'How tokens are signed; this version serves HS256 alone.'),
  accessTokenExpireMinutes: variable('ACCESS_TOKEN_EXPIRE_MINUTES', whole(1, 1440), '30', 'Life of an access token.'),
  refreshTokenExpireDays: variable('REFRESH_TOKEN_EXPIRE_DAYS', whole(1, 365), '7', 'Life of a refresh token.'),
  jwtIssuer: variable('JWT_ISSUER', text, 'tenantry', 'The iss of tokens.'),
  jwtAudience: variable('JWT_AUDIENCE', text, 'tenantry-api', 'The aud of tokens.'),
  encryptionKey: optional(
    'ENCRYPTION_KEY',
    text,
    'Key that encrypts stored secrets, 32 characters or more; made at first start outside production.',
    { secret: 'whole', example: exampleSecret },
  ),
  backendCorsOrigins: variable(
    'BACKEND_CORS_ORIGINS',
    origins,
    '[]',
    'JSON list of the origins whose pages may call the API; * is refused in production.',
  ),
  seedPassword: optional(
    'SEED_PASSWORD',
    text,
    'Password of the demo logins; production seeds nothing without one of its own.',
    {
      secret: 'whole',
      fallback: { development: demoPassword, test: demoPassword },
    },
  ),
};

const mailAndFiles = {
  smtpUrl: optional(
    'SMTP_URL',
    url(['smtp:', 'smtps:'], 'smtp://login:password@mail.example.com:587'),
    'Server that sends mail; unset: mails go to the log, with the tokens that are in them.',
    {
      secret: 'password',
      example: 'smtp://login:password@mail.example.com:587',
    },
  ),
  mailFrom: optional('MAIL_FROM', mailAddress, 'Sender of mails; needed with SMTP_URL.', {
    example: 'Tenantry <no-reply@example.com>',
  }),
  s3Endpoint: optional(
    'S3_ENDPOINT',
    url(['http:', 'https:'], 'https://s3.example.com'),
    'Address of an S3-like store; unset: that of AWS.',
    { example: 'https://s3.example.com' },
  ),
  s3Bucket: optional(
    'S3_BUCKET',
    bucketName,
    'Bucket of the stored files; unset: they are kept on the local disk, in DATA_DIR.',
    { example: 'tenantry-files' },
  ),
  s3Region: variable('S3_REGION', text, 'us-east-1', 'Region of the bucket.'),
  s3AccessKey: optional('S3_ACCESS_KEY', text, 'Access key of the bucket.', { secret: 'whole' }),
  s3SecretKey: optional('S3_SECRET_KEY', text, 'Secret key of the bucket.', { secret: 'whole' }),
  s3Checksums: variable(
    'S3_CHECKSUMS',
    oneOf('when_required', 'when_supported'),
    'when_required',
    'Checksum headers on uploads; several S3-like stores fail with when_supported.',
  ),
};

const logs = {
  slowQueryMs: variable(
    'SLOW_QUERY_MS',
    whole(0, 3_600_000),
    '200',
    'Queries that take at least this long, in milliseconds, are logged.',
  ),
  logLevel: variable(
    'LOG_LEVEL',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'Least severity that is logged.',
  ),
  logFile: optional('LOG_FILE', text, 'File that the log goes to; unset: the standard output.', {
    example: '/var/log/tenantry.log',
  }),
  logPretty: variable(
    'LOG_PRETTY',
    flag,
    { development: 'true', test: 'false', production: 'false' },
    'Lines for people instead of JSON; on in development.',
  ),
};

/** Every environment variable of the product, in the order of .env.example. */
export const variables = { ...general, ...database, ...tenancy, ...signIn, ...mailAndFiles, ...logs };

/** The headings of .env.example. */
export const groups = {
  'The process': general,
  'The database': database,
  Tenancy: tenancy,
  'Sign-in and secrets': signIn,
  'Mail and files': mailAndFiles,
  Logs: logs,
};

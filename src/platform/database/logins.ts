import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** The passwords of the logins. */
export interface LoginPasswords {
  owner: string;
  app: string;
  platform: string;
  mover: string;
}

export interface LoginUrls {
  ownerUrl: string;
  appUrl: string;
  platformUrl: string;
  moverUrl: string;
}

const roles = {
  owner: 'tenantry_owner',
  app: 'tenantry_app',
  platform: 'tenantry_platform',
  mover: 'tenantry_mover',
} as const;
const kinds = ['owner', 'app', 'platform', 'mover'] as const;
/** Held while roles and database are made; any number will do as long as all nodes take the same. */
const lock = 7_230_114;

/** Neither of them may pass a wall: no superuser, no BYPASSRLS; the owner alone makes databases. */
function attributes(kind: (typeof kinds)[number]): string {
  return `login nosuperuser nocreaterole noreplication nobypassrls ${kind === 'owner' ? 'createdb' : 'nocreatedb'}`;
}

async function makeRoles(client: Client, passwords: LoginPasswords): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    Object.values(roles),
  ]);
  const present = new Set(rows.map(({ rolname }) => rolname));
  for (const kind of kinds) {
    const verb = present.has(roles[kind]) ? 'alter' : 'create';
    await client.query(
      `${verb} role ${roles[kind]} with ${attributes(kind)} password ${escapeLiteral(passwords[kind])}`,
    );
  }
  // what binds the application binds the mover; it does not become the application
  await client.query(`grant ${roles.app} to ${roles.mover} with inherit true, set false`);
}

async function makeDatabase(client: Client, database: string): Promise<void> {
  const name = escapeIdentifier(database);
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (rowCount === 0) await client.query(`create database ${name} owner ${roles.owner}`);
  await client.query(`revoke all on database ${name} from public`);
  await client.query(`grant connect on database ${name} to ${Object.values(roles).join(', ')}`);
  // rows on the way into a place wait in a temporary table
  await client.query(`grant temporary on database ${name} to ${roles.mover}`);
}

function urlOf(superuserUrl: string, login: string, password: string, database: string): string {
  const url = new URL(superuserUrl);
  url.username = login;
  url.password = encodeURIComponent(password);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

async function withClient(connectionString: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Makes the logins and the product's database on a cluster of our own, and sets them right where they exist. Nodes
 * may do it at once, with the same `superuserUrl` (of the database `postgres`). Gives the URLs of the logins.
 */
export async function prepareCluster(
  superuserUrl: string,
  passwords: LoginPasswords,
  database = 'tenantry',
): Promise<LoginUrls> {
  const url = (kind: (typeof kinds)[number]): string => urlOf(superuserUrl, roles[kind], passwords[kind], database);
  await withClient(superuserUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [lock]);
    await makeRoles(client, passwords);
    await makeDatabase(client, database);
    const inside = new URL(superuserUrl);
    inside.pathname = `/${encodeURIComponent(database)}`;
    await withClient(inside.href, async (there) => {
      await there.query('revoke all on schema public from public');
    });
  });
  return { ownerUrl: url('owner'), appUrl: url('app'), platformUrl: url('platform'), moverUrl: url('mover') };
}

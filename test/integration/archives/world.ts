import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { startApp, type TestApp } from '../../support/app.js';
import type { StoredFiles } from '../../../src/platform/storage/index.js';
import type { TestDatabase } from '../../support/database.js';
import { archives, database as databaseModule, storage } from '../../support/dist.js';
import { type Rows, rowsOf } from '../../support/oracles.js';
import { type Tenant, tenantOf } from '../../support/tenants.js';

/** Ways in, and work that was still to be done: an archive has none of them, and a restore leaves a trace. */
export const NOT_IN_IT =
  /^(core\.(sessions|one_time_tokens|access_version|idempotency_keys|outbox)|shared\.(idempotency_keys|outbox)) /;

/** Removed at the end of the run, with the cluster. */
const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };

/** So many further tenants stand in the shared tables: `npm run test:archive`. */
const NEIGHBOURS = Number(process.env['ARCHIVE_NEIGHBOURS'] ?? 0);

/** A tenant with something in every table, among others. */
export interface World {
  readonly app: TestApp;
  readonly database: TestDatabase;
  readonly mine: Tenant;
  readonly exports: InstanceType<typeof archives.TenantExports>;
  readonly restores: InstanceType<typeof archives.TenantRestores>;
  /** A path where there is nothing yet. */
  newFile(): string;
  /** Exports the tenant. @returns where to */
  exported(): Promise<string>;
  /** Its rows, but for those that no archive has. */
  rows(organizationId?: string): Promise<Rows>;
  /** Everybody else's. */
  others(): Promise<Rows>;
  /** What is stored of a tenant. */
  files(organizationId: string): StoredFiles;
  /** Nothing is left of the tenant, nowhere. */
  wipe(): Promise<void>;
}

export async function makeWorld(environment: Record<string, string> = {}): Promise<World> {
  const app = await startApp(undefined, environment);
  const { database } = app;
  const mine = await tenantOf(database, 'testcorp');
  await populate(database, mine);
  if (NEIGHBOURS > 0) await crowd(database);
  const directory = mkdtempSync(join(RUN, 'archives-'));
  const newFile = () => join(directory, `${randomUUID()}.archive`);
  const exports = app.app.get(archives.TenantExports);
  const kept = (rows: Rows): Rows => new Map([...rows].filter(([key]) => !NOT_IN_IT.test(key)));
  return {
    app,
    database,
    mine,
    exports,
    restores: app.app.get(archives.TenantRestores),
    newFile,
    exported: async () => {
      const file = newFile();
      await exports.export(mine.id, file);
      return file;
    },
    rows: async (id = mine.id) => kept(await rowsOf(database, id)),
    others: async () => {
      const own = await rowsOf(database, mine.id);
      return kept(new Map([...(await rowsOf(database))].filter(([key]) => !own.has(key))));
    },
    files: (id) => app.app.get(storage.PlatformStorage).of(id),
    wipe: () => wipe(database, mine.id),
  };
}

const FIRST_LINE = 'tenantry archive 2\n';
const TRAILER_BYTES = 65;
/** An archive with other contents, sealed anew. */
export function forged(archive: Buffer, change: (text: string) => string, firstLine = FIRST_LINE): Buffer {
  const text = gunzipSync(archive.subarray(FIRST_LINE.length, -TRAILER_BYTES)).toString('latin1');
  const body = Buffer.concat([Buffer.from(firstLine), gzipSync(Buffer.from(change(text), 'latin1'))]);
  return Buffer.concat([body, Buffer.from(`${createHash('sha256').update(body).digest('hex')}\n`)]);
}

/** Something in every table. */
export async function populate({ sql }: TestDatabase, { id, adminId }: Tenant): Promise<void> {
  await sql(
    `insert into shared.crm_leads (organization_id, id, name, owner_id, metadata, tags, estimated_value, currency, created_by)
     select $1, gen_random_uuid(), 'Lead ' || n, $2::uuid, jsonb_build_object('n', n, 'nothing', null, 'owner', $2::uuid::text, 'text', E'a\\tb\\\\\\n"ü' || n || E'\\\\.'), '["a"]', n / 100.0, 'EUR', $2::uuid
     from generate_series(1, 1500) n`,
    [id, adminId],
  );
  await sql(`insert into shared.counters (organization_id, name, value) values ($1, 'invoice', 41), ($1, 'Äpfel', 2)`, [
    id,
  ]);
  await sql(
    `insert into shared.audit_log (organization_id, id, action, resource, resource_id, actor_id, actor_kind, changes)
     values ($1, gen_random_uuid(), 'update', 'crm_leads', gen_random_uuid(), $2::uuid, 'user', jsonb_build_object('after', jsonb_build_object('owner_id', $2::uuid::text)))`,
    [id, adminId],
  );
  await sql(
    `insert into shared.outbox (organization_id, id, event, payload) values ($1, gen_random_uuid(), 'lead.created', '{}')`,
    [id],
  );
  await thread({ sql }, id);
  await people({ sql }, id, adminId);
}

/** Each with people, leads and an audit log. */
async function crowd({ sql }: TestDatabase): Promise<void> {
  const statements = [
    `insert into core.organizations (id, tenant_code, tenant_name, location_id)
     select uuidv7(), 'neighbour-' || n, 'Neighbour ' || n, l.id from generate_series(1, ${String(NEIGHBOURS)}) n, core.locations l where l.isolation = 'shared'`,
    `insert into tenancy.fence (organization_id, epoch, state) select id, epoch, 'active' from core.organizations on conflict do nothing`,
    `insert into core.users (id, organization_id, username, email)
     select uuidv7(), o.id, 'user-' || n, n || '@' || o.tenant_code || '.example' from core.organizations o, generate_series(1, 5) n where o.tenant_code like 'neighbour-%'`,
    `insert into core.user_tenant_associations (organization_id, user_id) select organization_id, id from core.users where email like '%@neighbour-%' on conflict do nothing`,
    `insert into shared.crm_leads (organization_id, id, name, owner_id) select u.organization_id, uuidv7(), 'Lead ' || n, u.id
     from core.users u, generate_series(1, 10) n where u.email like '%@neighbour-%'`,
    `insert into shared.audit_log (organization_id, id, action, resource, actor_kind) select organization_id, uuidv7(), 'create', 'crm_leads', 'user'
     from shared.crm_leads where name = 'Lead 1'`,
  ];
  for (const statement of statements) await sql(statement);
}

/** Rows that refer to one another. */
async function thread({ sql }: Pick<TestDatabase, 'sql'>, id: string): Promise<void> {
  const [post] = await sql<{ id: string }>('select id from shared.posts where organization_id = $1 limit 1', [id]);
  let parent: string | null = null;
  for (let depth = 0; depth < 4; depth++) {
    const comment: string = randomUUID();
    await sql(
      `insert into shared.comments (organization_id, id, post_id, parent_id, content) values ($1, $2, $3, $4, 'deep')`,
      [id, comment, post?.id, parent],
    );
    parent = comment;
  }
}

/** A role, a guest, a chain of superiors, grants, modules, a menu below a menu for a group, an invitation under way. */
async function people({ sql }: Pick<TestDatabase, 'sql'>, id: string, adminId: string): Promise<void> {
  const [role, group, menu] = [randomUUID(), randomUUID(), randomUUID()];
  const statements = [
    `insert into core.roles (id, organization_id, role_code, role_name, priority) values ('${role}', $1, 'clerk', 'Clerk', 5)`,
    `insert into core.role_permissions (id, organization_id, role_scope_id, role_id, permission_id)
     select gen_random_uuid(), $1, $1, '${role}', id from core.permissions where permission_code in ('crm_leads_read', 'menu_read')`,
    `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
     select gen_random_uuid(), $1, id, $1, '${role}' from core.users where organization_id = $1 and username = 'viewer'`,
    `insert into core.user_tenant_associations (organization_id, user_id) select $1, u.id from core.users u
     join core.organizations o on o.id = u.organization_id where o.tenant_code = 'initech' and u.username = 'viewer'`,
    `insert into core.user_roles (id, organization_id, user_id, role_scope_id, role_id)
     select gen_random_uuid(), $1, a.user_id, r.scope_id, r.id from core.user_tenant_associations a, core.roles r
     where a.organization_id = $1 and a.is_guest and r.role_code = 'viewer' and r.organization_id is null`,
    `update core.user_tenant_associations set reports_to_id = '${adminId}' where organization_id = $1 and user_id <> '${adminId}'`,
    `insert into core.user_permissions (id, organization_id, user_id, permission_id, granted_by)
     select gen_random_uuid(), $1, '${adminId}', id, '${adminId}' from core.permissions where permission_code = 'crm_leads_read'`,
    `insert into core.user_modules (id, organization_id, user_id, module) values (gen_random_uuid(), $1, '${adminId}', 'hr')`,
    `insert into core.user_groups (id, organization_id, group_code, group_name) values ('${group}', $1, 'choir', 'Choir')`,
    `insert into core.user_group_members (id, organization_id, group_id, user_id) values (gen_random_uuid(), $1, '${group}', '${adminId}')`,
    `insert into core.menus (id, organization_id, menu_code, menu_name, parent_id)
     select '${menu}', $1, 'below', 'Below', id from core.menus where organization_id = $1 and menu_code = 'boards'`,
    `insert into core.menu_groups (id, organization_id, menu_id, group_id) values (gen_random_uuid(), $1, '${menu}', '${group}')`,
    `insert into shared.board_groups (organization_id, id, board_id, group_id, access)
     select $1, gen_random_uuid(), id, '${group}', 'read' from shared.boards where organization_id = $1 order by board_code desc limit 1`,
    `insert into core.one_time_tokens (id, purpose, organization_id, email, token_hash, expires_at)
     values (gen_random_uuid(), 'invitation', $1, 'new@testcorp.com', repeat('a', 64), now() + interval '1 day')`,
    `insert into core.module_trials (id, organization_id, module, ends_at) values (gen_random_uuid(), $1, 'hr', now()) on conflict do nothing`,
  ];
  for (const statement of statements) await sql(statement, [id]);
}

async function wipe({ sql, urls }: TestDatabase, id: string): Promise<void> {
  const tables = await sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('core', 'shared', 'tenancy')`,
  );
  const deletions = tables.map(({ name }) => `delete from ${name} where organization_id = '${id}'`);
  await sql(
    `set session_replication_role = replica; ${deletions.join('; ')}; delete from core.organizations where id = '${id}'; reset session_replication_role`,
  );
  const own = await sql<{ id: string; name: string | null; schema: string }>(
    `with own as (select id from core.locations l where isolation <> 'shared' and not exists (select from core.organizations where location_id = l.id)),
       steps as (delete from core.location_steps where location_id in (select id from own))
     delete from core.locations l where id in (select id from own) returning id, database_name as name, schema_name as schema`,
  );
  const maker = new databaseModule.LocationMaker(urls);
  for (const { id: location, name, schema } of own)
    await (name === null ? maker.dropSchema(schema) : maker.dropDatabase({ server: 'main', database: name, location }));
}

/**
 * What belongs to the transaction of the write it speaks of, so that each plane has its own: the audit log, the answers
 * kept for idempotency keys and the outbox. `schema` is 'core.' or '' (the location's, by the search_path); `setting`
 * names the plane's organization; `platform` opens the rows to the platform login too (core alone).
 *
 * The audit log is append-only by grants and policies, and partitioned by month. The application has no grant on a
 * partition: a policy holds only for the table that it is asked through.
 */
export function ledgers(schema: 'core.' | '', setting: string, platform: boolean): string[] {
  const own = `organization_id = (select nullif(current_setting('${setting}', true), '')::uuid)`;
  const wall = (table: string, ...commands: ('select' | 'insert' | 'all')[]) => [
    `alter table ${schema}${table} enable row level security`,
    `alter table ${schema}${table} force row level security`,
    ...commands.flatMap((command) => {
      const using = command === 'insert' ? '' : ` using (${own})`;
      const check = command === 'select' ? '' : ` with check (${own})`;
      const all = `${using && ' using (true)'}${check && ' with check (true)'}`;
      return [
        `create policy own_rows_${command} on ${schema}${table} for ${command} to tenantry_app${using}${check}`,
        ...(platform
          ? [`create policy platform_rows_${command} on ${schema}${table} for ${command} to tenantry_platform${all}`]
          : []),
      ];
    }),
  ];
  return [
    `create table ${schema}audit_log (
      organization_id uuid not null, at timestamptz(3) not null default now(), id uuid not null,
      actor_id uuid, actor_kind varchar(10) not null default 'system' check (actor_kind in ('user', 'api_key', 'system', 'platform')),
      action varchar(50) not null, resource varchar(100) not null, resource_id uuid,
      outcome varchar(10) not null default 'ok' check (outcome in ('ok', 'refused')), code varchar(50), layer varchar(20), reason varchar(255),
      changes jsonb, request_id varchar(64), ip varchar(45), user_agent varchar(255),
      primary key (organization_id, at, id)
    ) partition by range (at)`,
    ...wall('audit_log', 'select', 'insert'),
    `create table ${schema}audit_log_default partition of ${schema}audit_log default`,
    `alter table ${schema}audit_log_default enable row level security`,
    `alter table ${schema}audit_log_default force row level security`,
    `create table ${schema}idempotency_keys (
      organization_id uuid not null, actor_id uuid not null, method varchar(10) not null, path varchar(1024) not null, key varchar(255) not null,
      request_hash varchar(64) not null, status integer, answer jsonb, etag varchar(64), location varchar(1024),
      created_at timestamptz(3) not null default now(), expires_at timestamptz(3) not null,
      primary key (organization_id, actor_id, method, path, key)
    )`,
    ...wall('idempotency_keys', 'all'),
    `create table ${schema}outbox (
      organization_id uuid not null, id uuid not null, event varchar(100) not null, payload jsonb not null, epoch integer not null default 0,
      created_at timestamptz(3) not null default now(), published_at timestamptz(3),
      primary key (organization_id, id)
    )`,
    `create index outbox_unpublished_idx on ${schema}outbox (organization_id, id) where published_at is null`,
    ...wall('outbox', 'all'),
    `create policy definer_reads on ${schema}outbox for select to tenantry_owner using (true)`,
  ];
}

export const LEDGER_TABLES = ['audit_log', 'idempotency_keys', 'outbox'];

/** Months made ahead of the current one. */
const MONTHS_AHEAD = 3;

/**
 * Makes the missing partitions of a schema's audit log, of the current month and so many ahead, each walled like the
 * default one. Rows that the default one took meanwhile move along, with partitions of their months: it is empty again.
 * One maker at a time. Of the default partition nobody reads or writes while it works; inserts into other months go on.
 */
const MAKE_AUDIT_PARTITIONS = `create or replace function tenancy.make_audit_partitions(place name, ahead integer) returns void
language plpgsql volatile security definer set search_path = pg_catalog set timezone = 'UTC' as $$
declare
  spare constant text := format('%I.audit_log_default', place);
  this_month constant timestamptz := date_trunc('month', now());
  months timestamptz[] := array(select generate_series(this_month, this_month + ahead * interval '1 month', '1 month'));
  month timestamptz;
  part text;
  is_empty boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit_log:' || place, 0));
  if pg_relation_size(spare) = 0 and not exists (select from unnest(months) m
    where to_regclass(format('%I.%I', place, to_char(m, '"audit_log_"YYYY_MM'))) is null) then return; end if;
  -- forced row-level security would hide the rows from the owner too
  execute format('alter table %s no force row level security', spare);
  execute format('select array(select unnest($1) union select date_trunc(''month'', at) from %s where at >= ''2000-01-01'' and at <= now() order by 1)', spare)
    into months using months;
  foreach month in array months loop
    part := format('%I.%I', place, to_char(month, '"audit_log_"YYYY_MM'));
    continue when to_regclass(part) is not null;
    execute format('create table %s (like %I.audit_log including all)', part, place);
    execute format('revoke all on %s from public, tenantry_app, tenantry_platform', part);
    execute format('with moved as (delete from %s where at >= $1 and at < $2 returning *) insert into %s select * from moved', spare, part)
      using month, month + interval '1 month';
    execute format('alter table %s enable row level security', part);
    execute format('alter table %s force row level security', part);
    execute format('alter table %I.audit_log attach partition %s for values from (%L) to (%L)', place, part, month, month + interval '1 month');
  end loop;
  -- without its dead rows nothing is looked for in it the next time
  execute format('select not exists (select from %s)', spare) into is_empty;
  if is_empty then execute format('truncate %s', spare); end if;
  execute format('alter table %s force row level security', spare);
end $$`;

/** Of the schema that is migrated. */
export const makeAuditPartitions = (schema: 'core' | undefined): string[] => [
  MAKE_AUDIT_PARTITIONS,
  `revoke all on function tenancy.make_audit_partitions(name, integer) from public`,
  `select tenancy.make_audit_partitions(${schema === undefined ? 'current_schema()' : `'${schema}'`}, ${String(MONTHS_AHEAD)})`,
];

/** All rows back into the default partition. */
export const dropAuditPartitions = (schema: 'core' | undefined): string => `do $$
declare
  place constant name := ${schema === undefined ? 'current_schema()' : `'${schema}'`};
  spare constant text := format('%I.audit_log_default', place);
  parts constant regclass[] := array(select i.inhrelid::regclass from pg_inherits i
    where i.inhparent = format('%I.audit_log', place)::regclass and i.inhrelid <> spare::regclass);
  part regclass;
begin
  execute format('alter table %s no force row level security', spare);
  foreach part in array parts loop
    execute format('alter table %I.audit_log detach partition %s', place, part);
    execute format('alter table %s no force row level security', part);
    execute format('insert into %s select * from %s', spare, part);
    execute format('drop table %s', part);
  end loop;
  execute format('alter table %s force row level security', spare);
end $$`;

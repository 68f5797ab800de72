import { Migration } from '@mikro-orm/migrations';

const OWN = `organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid)`;

/** A function of the owner's that nobody may call until the grants say who. */
const definer = (head: string, body: string): string =>
  `create function tenancy.${head} language plpgsql volatile security definer set search_path = pg_catalog as $f$ ${body} $f$`;

/** Of a place whose migrations have run here, so that nothing else is ever given a trigger. */
const IS_TABLE = `exists (select from tenancy.migrations m where m.schema_name = place and place <> 'core')
      and exists (select from pg_attribute a where a.attrelid = to_regclass(format('%I.%I', place, table_name)) and a.attname = 'organization_id')`;

const TENANCY = [
  // the schema whose rows are the tenant's; null: it has never moved, and has one place alone
  `alter table tenancy.fence add column place name`,
  `create policy definer_writes on tenancy.fence to tenantry_owner using (true) with check (true)`,
  `create table tenancy.move_log (organization_id uuid not null, place name not null, table_name name not null, key jsonb not null)`,
  `create index move_log_organization_id_idx on tenancy.move_log (organization_id, place)`,
  `alter table tenancy.move_log enable row level security`,
  `alter table tenancy.move_log force row level security`,
  // the application has no right on it; the mover, whom its policies bind, has
  `create policy own_rows on tenancy.move_log to tenantry_app using (${OWN}) with check (${OWN})`,
  `create policy definer_writes on tenancy.move_log to tenantry_owner using (true) with check (true)`,

  // arguments: the table (a partition has another name), then the columns of its key
  definer(
    `log_change() returns trigger`,
    `
begin
  if tg_op <> 'INSERT' then
    insert into tenancy.move_log select old.organization_id, tg_table_schema, tg_argv[0], coalesce(jsonb_object_agg(k, to_jsonb(old) -> k), '{}') from unnest(tg_argv[1:]) k;
  end if;
  if tg_op <> 'DELETE' then
    insert into tenancy.move_log select new.organization_id, tg_table_schema, tg_argv[0], coalesce(jsonb_object_agg(k, to_jsonb(new) -> k), '{}') from unnest(tg_argv[1:]) k;
  end if;
  return null;
end`,
  ),
  definer(
    `capture(place name, table_name name, organization uuid) returns void`,
    `
declare
  source constant regclass := to_regclass(format('%I.%I', place, table_name));
  suffix constant text := replace(organization::text, '-', '');
  arguments text;
begin
  if not (${IS_TABLE}) then
    raise exception '%.% is no table of tenants', place, table_name;
  end if;
  select string_agg(quote_literal(a.attname), ', ' order by k.at) into arguments
    from pg_index i, unnest(i.indkey::smallint[]) with ordinality k(number, at) join pg_attribute a on a.attnum = k.number
    where i.indrelid = source and i.indisprimary and a.attrelid = source and a.attname <> 'organization_id';
  if arguments is null then
    raise exception '%.% has no primary key besides organization_id', place, table_name;
  end if;
  if exists (select from pg_trigger t where t.tgrelid = source and t.tgname = 'move_insert_' || suffix) then
    return;
  end if;
  execute format('create trigger %I after insert on %s for each row when (new.organization_id = %L) execute function tenancy.log_change(%L, %s)',
    'move_insert_' || suffix, source, organization, table_name, arguments);
  execute format('create trigger %I after update on %s for each row when (%L in (old.organization_id, new.organization_id)) execute function tenancy.log_change(%L, %s)',
    'move_update_' || suffix, source, organization, table_name, arguments);
  execute format('create trigger %I after delete on %s for each row when (old.organization_id = %L) execute function tenancy.log_change(%L, %s)',
    'move_delete_' || suffix, source, organization, table_name, arguments);
end`,
  ),
  definer(
    `release(place name, table_name name, organization uuid) returns void`,
    `
declare
  source constant regclass := to_regclass(format('%I.%I', place, table_name));
  kind text;
begin
  if not (${IS_TABLE}) then
    raise exception '%.% is no table of tenants', place, table_name;
  end if;
  for kind in select t.tgname from pg_trigger t where t.tgrelid = source
    and t.tgname in (select 'move_' || k || '_' || replace(organization::text, '-', '') from unnest(array['insert', 'update', 'delete']) k) loop
    execute format('drop trigger %I on %s', kind, source);
  end loop;
end`,
  ),
  // one row or none: what the database says of a tenant, in words and numbers
  `create function tenancy.fence_of(organization uuid) returns table (state text, epoch integer, place name)
language plpgsql volatile security definer set search_path = pg_catalog as $f$
begin
  return query select f.state::text, f.epoch, f.place from tenancy.fence f where f.organization_id = organization;
end $f$`,
  // compare and set: whoever believes something else of the fence changes nothing
  definer(
    `turn_fence(organization uuid, from_state text, from_epoch integer, to_state text, to_epoch integer, place name) returns void`,
    `
declare turned integer;
begin
  if (from_state, to_state) not in (('active', 'active'), ('none', 'incoming'), ('moved', 'incoming'), ('incoming', 'incoming'),
      ('active', 'moved'), ('incoming', 'active'), ('moved', 'active'), ('incoming', 'none'), ('moved', 'none'))
    or (from_state = 'active' and to_state = 'active' and from_epoch <> to_epoch)
    or (from_state = 'active' and to_state = 'moved' and from_epoch + 1 <> to_epoch)
    or (from_state = 'incoming' and to_state = 'active' and from_epoch <> to_epoch)
    or (from_state = 'moved' and to_state = 'active' and to_epoch not in (from_epoch - 1, from_epoch))
    or (from_state = 'moved' and to_state = 'incoming' and to_epoch < from_epoch) then
    raise exception 'a fence does not turn from % (%) to % (%)', from_state, from_epoch, to_state, to_epoch;
  end if;
  if from_state = 'none' then
    insert into tenancy.fence (organization_id, epoch, state) values (organization, to_epoch, to_state) on conflict do nothing;
  elsif to_state = 'none' then
    delete from tenancy.fence f where f.organization_id = organization and f.state = from_state and f.epoch = from_epoch;
  else
    update tenancy.fence f set state = to_state, epoch = to_epoch, place = coalesce(turn_fence.place, f.place)
      where f.organization_id = organization and f.state = from_state and f.epoch = from_epoch;
  end if;
  get diagnostics turned = row_count;
  if turned <> 1 then
    raise exception 'the fence is not % (%)', from_state, from_epoch using errcode = 'TM003';
  end if;
end`,
  ),
  // what stands between a tenant's rows and who removes a copy of them
  definer(
    `assert_copy(place name, organization uuid) returns void`,
    `
begin
  if exists (select from tenancy.fence f where f.organization_id = organization and f.state = 'active'
      and (f.place is null or f.place = assert_copy.place)) then
    raise exception 'the rows at % are the tenant''s own', place using errcode = 'TM004';
  end if;
end`,
  ),
  // nobody deletes in an audit log; of what a move has left or not finished, its entries go with the rest
  definer(
    `remove_copied_audit(place name, organization uuid, most integer) returns integer`,
    `
declare removed integer;
begin
  perform tenancy.assert_copy(place, organization), set_config('app.organization_id', organization::text, true);
  execute format('delete from %1$I.audit_log where (organization_id, at, id) in
    (select organization_id, at, id from %1$I.audit_log where organization_id = $1 limit $2) and organization_id = $1', place)
    using organization, most;
  get diagnostics removed = row_count;
  return removed;
end`,
  ),
  // who comes with all his rows is not served by plans for an empty table until somebody looks
  definer(
    `analyze_copy(place name, table_name name) returns void`,
    `
begin
  if not (${IS_TABLE}) then
    raise exception '%.% is no table of tenants', place, table_name;
  end if;
  perform set_config('lock_timeout', '500ms', true);
  execute format('analyze %I.%I', place, table_name);
exception when lock_not_available then
  null; -- somebody vacuums it, and looks himself
end`,
  ),
  `revoke all on function tenancy.log_change, tenancy.capture, tenancy.release, tenancy.fence_of, tenancy.turn_fence,
    tenancy.assert_copy, tenancy.remove_copied_audit, tenancy.analyze_copy from public`,
];

/**
 * What moving a tenant needs in a database, and at each place the owner's right to remove a copy of the audit log. The
 * schema `tenancy` stands once in a database: a further location finds it made and locks nothing of it.
 */
export class Migration20261127200000_moving extends Migration {
  override name = 'Migration20261127200000_moving';

  override up(): void {
    this.addSql(`do $$ begin
  perform pg_advisory_xact_lock(hashtextextended('tenantry:tenancy', 0));
  if to_regclass('tenancy.move_log') is null then
    ${TENANCY.join(';\n    ')};
  end if;
end $$`);
    this.addSql(`create policy definer_reads on audit_log for select to tenantry_owner using (${OWN})`);
    this.addSql(`create policy definer_removes on audit_log for delete to tenantry_owner using (${OWN})`);
  }

  override down(): void {
    // what is in the schema tenancy stays: other locations of this database lean on it
    this.addSql(`drop policy definer_removes on audit_log`);
    this.addSql(`drop policy definer_reads on audit_log`);
  }
}

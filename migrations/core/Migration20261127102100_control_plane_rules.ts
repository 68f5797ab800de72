import { Migration } from '@mikro-orm/migrations';

const trigger = (name: string, security: 'definer' | 'invoker', body: string) =>
  `create or replace function core.${name}() returns trigger language plpgsql volatile security ${security} set search_path = pg_catalog as $$
${body}
end $$`;
/** What a rule of a table says when it is broken: told of by the constraint's name, as those that PostgreSQL checks. */
const broken = (table: string, constraint: string, code: '23514' | '23001', message: string) =>
  `raise exception '${message}' using errcode = '${code}', constraint = '${constraint}', schema = 'core', table = '${table}'`;

const GUARD_USER_ROLE = `declare is_super boolean; is_platform boolean;
begin
  select r.organization_id is null and r.role_code = 'super_admin' into is_super from core.roles r where r.id = new.role_id;
  select u.organization_id is null into is_platform from core.users u where u.id = new.user_id;
  if (new.organization_id is null) <> is_super or is_super and not is_platform then
    ${broken('user_roles', 'user_roles_platform_check', '23514', 'super_admin is for platform users alone, and they hold no other role')};
  end if;`;

/** Of a person for whom none was given: first and last name joined. */
const FULL_NAME = `coalesce(u.full_name, nullif(concat_ws(' ', u.first_name, u.last_name), ''))::varchar`;
/**
 * Members as their tenant sees them, at home here and guests: one row for each membership, whose time is that of a user's
 * making at home. The version tells of either row, for what is answered comes from both. `offset 0` keeps the planner at
 * finding memberships first and persons by their key: the policy of users looks to it as if it left next to none.
 */
const MEMBERS = `select a.organization_id, a.user_id as id, case u.status when 'active' then a.status else u.status end as status,
  u.username, u.username_lower, u.email, u.email_lower, ${FULL_NAME} as full_name, u.first_name, u.last_name, u.phone, u.avatar_url,
  u.is_email_verified, u.last_login_at, u.locked_until, u.preferences, a.reports_to_id, a.joined_at, a.is_guest,
  u.version + a.version - 1 as version, a.created_at, greatest(u.updated_at, a.updated_at) as updated_at, a.created_by,
  case when a.updated_at > u.updated_at then a.updated_by else u.updated_by end as updated_by, u.deleted_at
  from core.user_tenant_associations a cross join lateral (select * from core.users where id = a.user_id offset 0) u`;
const memberNames = (fullName: string) =>
  `create or replace function core.member_names(people uuid[]) returns table (id uuid, full_name varchar, avatar_url varchar)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query select u.id, ${fullName}, u.avatar_url from core.users u
    join core.user_tenant_associations a on a.user_id = u.id
    where u.id = any (people) and a.organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid;
end $$`;

/** Rules that a check or a key cannot say. What a tenant's login writes is seen by these as that login sees it. */
export class Migration20261127102100_control_plane_rules extends Migration {
  override name = 'Migration20261127102100_control_plane_rules';

  override up(): void {
    this.guests();
    this.roles();
    this.menus();
    this.groups();
    // whoever is deleted, by whatever means, is signed out for good: restored, he signs in anew
    this.addSql(
      trigger(
        'end_sessions',
        'definer',
        `begin
  update core.sessions set revoked_at = now(), updated_at = now() where user_id = new.id and revoked_at is null;
  return null;`,
      ),
    );
    this.addSql(`revoke all on function core.end_sessions() from public`);
    this.addSql(`create trigger end_sessions after update of deleted_at on core.users for each row
      when (old.deleted_at is null and new.deleted_at is not null) execute function core.end_sessions()`);
  }

  private guests(): void {
    this.addSql(
      trigger(
        'guard_member',
        'definer',
        `declare home uuid;
begin
  select u.organization_id into home from core.users u where u.id = new.user_id;
  new.is_guest := home is distinct from new.organization_id;
  return new;`,
      ),
    );
    this.addSql(`revoke all on function core.guard_member() from public`);
    this.addSql(
      `create trigger guard_member before insert on core.user_tenant_associations for each row execute function core.guard_member()`,
    );
    // the owner is bound by its own policies, which let it read alone
    this.addSql(`alter table core.user_tenant_associations no force row level security`);
    this.addSql(`update core.user_tenant_associations a set is_guest = true from core.users u
      where u.id = a.user_id and u.organization_id is distinct from a.organization_id`);
    this.addSql(`alter table core.user_tenant_associations force row level security`);
    // suspended ones too: somebody has to see them to let them in again
    this.addSql(isGuest(''));
    this.addSql(`create view core.members with (security_invoker = true) as ${MEMBERS}`);
    this.addSql(memberNames(FULL_NAME));
  }

  private roles(): void {
    // giving a role and deleting it exclude one another
    this.addSql(
      trigger(
        'guard_user_role',
        'definer',
        `${GUARD_USER_ROLE}
  perform pg_advisory_xact_lock_shared(hashtextextended('role:' || new.role_id, 0));
  if exists (select from core.roles r where r.id = new.role_id and r.deleted_at is not null) then
    ${broken('user_roles', 'user_roles_living_role_check', '23514', 'the role is deleted')};
  end if;
  return new;`,
      ),
    );
    this.addSql(
      trigger(
        'guard_role',
        'invoker',
        `begin
  perform pg_advisory_xact_lock(hashtextextended('role:' || new.id, 0));
  if exists (select from core.user_roles ur where ur.role_id = new.id) then
    ${broken('roles', 'roles_held_check', '23001', 'somebody holds the role')};
  end if;
  return new;`,
      ),
    );
    this.addSql(`create trigger guard_role before update of deleted_at on core.roles for each row
      when (old.deleted_at is null and new.deleted_at is not null) execute function core.guard_role()`);
  }

  private menus(): void {
    // at the end of the transaction: on its way several moves may pass through what is no tree. One at a time in an
    // organization: two halves of a cycle written at once would not see one another.
    this.addSql(
      trigger(
        'guard_menu',
        'invoker',
        `declare
  above uuid := new.id; levels integer := 0; below integer; is_alive boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('menus:' || new.organization_id, 0));
  select m.deleted_at is null into is_alive from core.menus m where m.organization_id = new.organization_id and m.id = new.id;
  if is_alive is null then return null; end if;
  if not is_alive then
    if exists (select from core.menus m where m.organization_id = new.organization_id and m.parent_id = new.id and m.deleted_at is null) then
      ${broken('menus', 'menus_children_check', '23001', 'the menu has children')};
    end if;
    return null;
  end if;
  while above is not null loop
    levels := levels + 1;
    select m.parent_id, m.deleted_at is null into above, is_alive from core.menus m where m.organization_id = new.organization_id and m.id = above;
    if above = new.id then
      ${broken('menus', 'menus_no_cycle_check', '23514', 'a menu would stand below itself')};
    end if;
    if not is_alive then
      ${broken('menus', 'menus_living_parent_check', '23514', 'the parent is deleted')};
    end if;
    exit when levels > 5;
  end loop;
  with recursive tree as (
    select new.id as id, 0 as depth
    union all select m.id, tree.depth + 1 from core.menus m join tree on m.parent_id = tree.id
      where m.organization_id = new.organization_id and m.deleted_at is null and tree.depth < 6)
  select max(depth) into below from tree;
  if levels + below > 5 then
    ${broken('menus', 'menus_depth_check', '23514', 'the tree would have more than five levels')};
  end if;
  return null;`,
      ),
    );
    this.addSql(`create constraint trigger guard_menu after insert or update of parent_id, deleted_at on core.menus
      deferrable initially deferred for each row execute function core.guard_menu()`);
  }

  private groups(): void {
    this.addSql(
      trigger(
        'guard_group',
        'invoker',
        `begin
  if old.group_type = 'system' and (new.group_code, new.group_name, new.group_type, new.deleted_at)
      is distinct from (old.group_code, old.group_name, old.group_type, old.deleted_at) then
    ${broken('user_groups', 'user_groups_system_check', '23514', 'a group of the system keeps its name')};
  end if;
  if new.deleted_at is not null and exists (
      select from core.menu_groups g where g.organization_id = new.organization_id and g.group_id = new.id) then
    ${broken('user_groups', 'user_groups_used_check', '23001', 'a menu names the group')};
  end if;
  return new;`,
      ),
    );
    this.addSql(
      `create trigger guard_group before update on core.user_groups for each row execute function core.guard_group()`,
    );
  }

  override down(): void {
    this.addSql(`drop trigger guard_group on core.user_groups`);
    this.addSql(`drop trigger guard_menu on core.menus`);
    this.addSql(`drop trigger guard_role on core.roles`);
    this.addSql(`drop trigger end_sessions on core.users`);
    this.addSql(`drop trigger guard_member on core.user_tenant_associations`);
    for (const name of ['guard_group', 'guard_menu', 'guard_role', 'end_sessions', 'guard_member'])
      this.addSql(`drop function core.${name}()`);
    this.addSql(trigger('guard_user_role', 'definer', `${GUARD_USER_ROLE}\n  return new;`));
    this.addSql(`drop view core.members`);
    this.addSql(memberNames('u.full_name'));
    this.addSql(isGuest(` and a.status = 'active'`));
  }
}

const isGuest = (further: string) => `create or replace function core.is_guest(person uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return exists (select from core.user_tenant_associations a
    where a.organization_id = nullif(current_setting('app.core_organization_id', true), '')::uuid and a.user_id = person${further});
end $$`;

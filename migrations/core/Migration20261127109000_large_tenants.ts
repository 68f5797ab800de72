import { Migration } from '@mikro-orm/migrations';

const setting = (name: string) => `(select nullif(current_setting('${name}', true), '')::uuid as "nullif")`;
const ORGANIZATION = setting('app.core_organization_id');
const USER = setting('app.user_id');
const INSIDE = `(select current_setting('app.sees_users', true) = 'all' as "sees_all")`;
const OUTSIDE = `(select current_setting('app.sees_users', true) as "current_setting") = 'all'`;

/** A page of a large tenant's users is read from an index: the same policies so that they are planned for, and who holds a role. */
export class Migration20261127109000_large_tenants extends Migration {
  override name = 'Migration20261127109000_large_tenants';

  override up(): void {
    this.policies(INSIDE);
    this.addSql(
      `create index "user_roles_organization_id_role_id_idx" on "core"."user_roles" ("organization_id", "role_scope_id", "role_id", "user_id");`,
    );
  }

  override down(): void {
    this.addSql(`drop index "core"."user_roles_organization_id_role_id_idx";`);
    this.policies(OUTSIDE);
  }

  private policies(seesAll: string): void {
    const written = `organization_id = ${ORGANIZATION} and (${seesAll} or id = ${USER})`;
    this.addSql(
      `alter policy "visible_users" on "core"."users" using (id = ${USER} or (${seesAll} and (organization_id = ${ORGANIZATION} or core.is_guest(id))));`,
    );
    this.addSql(`alter policy "written_users" on "core"."users" using (${written}) with check (${written});`);
  }
}

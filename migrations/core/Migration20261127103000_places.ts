import { Migration } from '@mikro-orm/migrations';

/** Where a tenant stands, for those who may not read locations: its isolation and server, never a name in the database. */
export class Migration20261127103000_places extends Migration {
  override name = 'Migration20261127103000_places';

  override up(): void {
    this.addSql(`create function core.place(location uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return coalesce(
    (select jsonb_build_object('isolation', l.isolation, 'server', l.server, 'status', l.status) from core.locations l where l.id = location),
    '{"isolation": "shared", "server": "main", "status": "provisioning"}');
end $$`);
  }

  override down(): void {
    this.addSql(`drop function core.place(uuid)`);
  }
}

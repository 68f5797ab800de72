import { Injectable } from '@nestjs/common';
import { newId, ZERO_ID } from '../../common/ids.js';
import { invalid, NotFound, PermissionDenied, ValidationFailed } from '../../common/problem.js';
import { isoTime } from '../../common/time.js';
import { isCustomPermission, PLATFORM_ONLY, SUPER_ADMIN } from '../../platform/access/index.js';
import { narrowed, notFoundAt, organizationOfScope, ResourceReader } from '../../platform/resources/index.js';
import { auditInsert, CoreUnit, currentScope, type Unit } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { Page } from '../../common/pagination.js';
import { Ladder } from './ladder.js';
import type { PermissionRow } from './permission.dto.js';
import { Permissions } from './permissions.js';
import type { RoleRow } from './role.dto.js';
import type { RolePermissionRow } from './role-permission.dto.js';
import { builtIn, Roles } from './roles.js';

interface Link {
  readonly id: string;
  readonly permission_id: string;
  readonly created_at: string;
  readonly created_by: string | null;
}
const COLUMNS = 'id, permission_id, created_at, created_by';

/** What a role gives to those who hold it. */
@Injectable()
export class RolePermissions {
  constructor(
    private readonly core: CoreUnit,
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
  ) {}

  /** The permissions that the role gives, as any list of permissions. @param query what follows the `?` */
  async list(roleId: string, query: string): Promise<Page<PermissionRow>> {
    const role = await this.reader.get(Roles, roleId);
    const given = narrowed(Permissions, {
      permissions: Roles.permissions,
      where: (sql, row) =>
        `exists (select from core.role_permissions rp where rp.permission_id = ${row}"id" and rp.role_scope_id = ${sql.typed(placeOf(role).scopeId, 'uuid')} and rp.role_id = ${sql.typed(role.id, 'uuid')})`,
    });
    return this.reader.list(given, query);
  }

  async codesOf({ id, tenant_id }: Pick<RoleRow, 'id' | 'tenant_id'>): Promise<string[]> {
    const rows = await this.core.query<{ code: string }>({
      name: 'role-permissions',
      text: `select p.permission_code as code from core.role_permissions rp join core.permissions p on p.id = rp.permission_id
        where rp.role_scope_id = $1 and rp.role_id = $2 order by 1`,
      values: [tenant_id ?? ZERO_ID, id],
    });
    return rows.map(({ code }) => code);
  }

  /**
   * Gives the role a permission; `isNew` false: it had it already.
   * @throws PriorityTooLow, PermissionNotHeld; ValidationFailed at `permission_id`
   */
  add(roleId: string, permissionId: string): Promise<{ row: RolePermissionRow; isNew: boolean }> {
    return this.core.transaction(async () => {
      const role = await this.changeable(roleId);
      const code = await this.codeOf(permissionId);
      if (code === undefined) throw ValidationFailed({ errors: [notFoundAt('permission_id')] });
      if (PLATFORM_ONLY.has(code))
        throw invalid('permission_id', 'platform_only', 'is held by the people of the platform alone');
      Ladder.ofCaller().assertHolds(code);
      const unit = this.unitOf(role, code);
      return unit.transaction(async () => {
        const made = await this.insert(unit, role, permissionId);
        const [link] = made === undefined ? await this.find(unit, role, permissionId) : [made];
        if (link === undefined) throw NotFound();
        return { row: rowOf(role, code, link), isNew: made !== undefined };
      });
    });
  }

  /** @throws NotFound for a permission that the role does not give, PriorityTooLow */
  remove(roleId: string, permissionId: string): Promise<void> {
    return this.core.transaction(async () => {
      const role = await this.changeable(roleId);
      const code = await this.codeOf(permissionId);
      if (code === undefined) throw NotFound();
      const unit = this.unitOf(role, code);
      await unit.transaction(async () => {
        const removed = await unit.write<Link>({
          text: `delete from core.role_permissions where role_scope_id = $1 and role_id = $2 and permission_id = $3 returning ${COLUMNS}`,
          values: [placeOf(role).scopeId, roleId, permissionId],
        });
        if (removed.length === 0) throw NotFound();
        await this.note(unit, role, 'delete', removed);
      });
    });
  }

  /** Of a role of the tenant's that is about to be removed. */
  async removeAll(roleId: string): Promise<void> {
    const role = { id: roleId, tenant_id: organizationOfScope() };
    const removed = await this.core.query<Link>({
      text: `delete from core.role_permissions where role_scope_id = $1 and role_id = $2 returning ${COLUMNS}`,
      values: [role.tenant_id, roleId],
    });
    if (removed.length > 0) await this.note(this.core, role, 'delete', removed);
  }

  /** Undefined: the role gives it already. */
  private async insert(unit: Unit, role: RoleRow, permissionId: string): Promise<Link | undefined> {
    const { organizationId, scopeId } = placeOf(role);
    const [made] = await unit.write<Link>({
      text: `insert into core.role_permissions (id, organization_id, role_scope_id, role_id, permission_id, created_by, updated_by)
        values ($1, $2, $3, $4, $5, $6, $6) on conflict (role_scope_id, role_id, permission_id) do nothing returning ${COLUMNS}`,
      values: [newId(), organizationId, scopeId, role.id, permissionId, currentScope().actor.id],
    });
    if (made !== undefined) await this.note(unit, role, 'create', [made]);
    return made;
  }

  /** Nobody raises or removes it until the unit has ended. @throws NotFound, PriorityTooLow, PermissionDenied */
  private async changeable(roleId: string): Promise<RoleRow> {
    await this.core.write({
      text: 'select from core.roles where organization_id = $1 and id = $2 for share',
      values: [organizationOfScope(), roleId],
    });
    const role = await this.reader.get(Roles, roleId);
    const ladder = Ladder.ofCaller();
    if (role.tenant_id === null && !ladder.isAboveAll) throw PermissionDenied({ required: SUPER_ADMIN });
    ladder.assertAbove(role.priority);
    return role;
  }

  /** What the code gives to a built-in role stays; the product's own permissions the platform's people may add to it. */
  private unitOf(role: RoleRow, code: string): Unit {
    if (role.tenant_id !== null) return this.core;
    if (!isCustomPermission(code)) throw builtIn();
    return this.platform;
  }

  private async codeOf(permissionId: string): Promise<string | undefined> {
    const [row] = await this.core.query<{ code: string }>({
      name: 'permission-code',
      text: 'select permission_code as code from core.permissions where id = $1',
      values: [permissionId],
    });
    return row?.code;
  }

  private find(unit: Unit, role: RoleRow, permissionId: string): Promise<Link[]> {
    return unit.read({
      text: `select ${COLUMNS} from core.role_permissions where role_scope_id = $1 and role_id = $2 and permission_id = $3`,
      values: [placeOf(role).scopeId, role.id, permissionId],
    });
  }

  private async note(
    unit: Unit,
    role: Pick<RoleRow, 'id' | 'tenant_id'>,
    action: 'create' | 'delete',
    links: readonly Link[],
  ): Promise<void> {
    const { organizationId, scopeId } = placeOf(role);
    const entries = links.map(({ id, permission_id }) => {
      const row = { role_scope_id: scopeId, role_id: role.id, permission_id };
      return {
        organizationId: organizationId ?? ZERO_ID,
        action,
        resource: 'role_permissions',
        resourceId: id,
        changes: action === 'create' ? { after: row } : { before: row },
      };
    });
    await unit.write(auditInsert('core.audit_log', entries));
  }
}

const placeOf = ({ tenant_id }: Pick<RoleRow, 'tenant_id'>) => ({
  organizationId: tenant_id,
  scopeId: tenant_id ?? ZERO_ID,
});

const rowOf = ({ id }: RoleRow, code: string, link: Link): RolePermissionRow => ({
  id: link.id,
  role_id: id,
  permission_id: link.permission_id,
  permission_code: code,
  created_at: isoTime(link.created_at),
  created_by: link.created_by,
});

import { Injectable } from '@nestjs/common';
import { InUse, NotFound, PermissionDenied, ValidationFailed } from '../../../common/problem.js';
import { isoTime } from '../../../common/time.js';
import { ADMIN } from '../../../platform/access/index.js';
import { notFoundAt } from '../../../platform/resources/index.js';
import { currentScope } from '../../../platform/tenancy/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { enrol, giveRole } from '../enrol.js';
import { LastAdmins } from '../last-admins.js';
import { isCaller } from '../members.js';
import { isExecutive, RoleLookup } from '../role-lookup.js';
import { superiorRequired } from '../superiors.js';
import { User } from '../user.entity.js';
import { UserRemoval } from '../user-removal.js';
import type { UserTenantRow } from './user-tenant.dto.js';

const MEMBERSHIPS = `select o.id as tenant_id, o.tenant_code, o.tenant_name, o.status as tenant_status, m.status, m.is_guest, m.joined_at,
    coalesce((select jsonb_agg(r.role_code order by r.priority desc, r.role_code) from core.user_roles ur
      join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
      where ur.organization_id = o.id and ur.user_id = m.id and r.deleted_at is null), '[]') as role_codes
  from core.members m join core.organizations o on o.id = m.organization_id
  where m.id = $1 and m.deleted_at is null and o.deleted_at is null order by m.is_guest, m.joined_at, o.id`;
/** A living person who belongs to a tenant, held until the transaction ends. */
const PERSON = `select id from core.users where id = $1 and organization_id is not null and deleted_at is null for update`;
const TENANT = `select id from core.organizations where id = $1 and deleted_at is null`;
const MEMBER = `select is_guest as "isGuest", reports_to_id as "reportsToId" from core.user_tenant_associations
  where organization_id = $1 and user_id = $2 for update`;
const HELD = `select r.id, r.organization_id is null and r.role_code = $3 as "isAdmin" from core.user_roles ur
  join core.roles r on r.id = ur.role_id where ur.organization_id = $1 and ur.user_id = $2`;

interface Membership {
  readonly isGuest: boolean;
  readonly reportsToId: string | null;
}

/** The tenants of a person. They are many, so it is the platform's login that asks and writes. */
@Injectable()
export class UserTenants {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly roles: RoleLookup,
    private readonly removal: UserRemoval,
    private readonly lastAdmins: LastAdmins,
  ) {}

  /** For himself, or the platform. @throws PermissionDenied, NotFound */
  async list(userId: string): Promise<UserTenantRow[]> {
    if (!isCaller(userId) && currentScope().snapshot?.platform !== true)
      throw PermissionDenied({ detail: 'This is for the person himself, or the platform.' });
    const rows = await this.of(userId);
    if (rows.length === 0 && !isCaller(userId)) throw NotFound();
    return rows;
  }

  /**
   * A guest of this tenant, or one role more where he is a member already. Inside of a platform transaction.
   * @throws NotFound; ValidationFailed at tenant_id, role_code, or at reports_to_id for an executive to be
   */
  async join(userId: string, tenantId: string, roleCode: string): Promise<{ row: UserTenantRow; isNew: boolean }> {
    return this.platform.transaction(async ({ em }) => {
      if ((await this.platform.query({ text: PERSON, values: [userId] })).length === 0) throw NotFound();
      if ((await this.platform.query({ text: TENANT, values: [tenantId] })).length === 0) throw missing('tenant_id');
      const [role] = await this.roles.byCodes(this.platform, tenantId, [roleCode]);
      if (role === undefined) throw missing('role_code');
      const [member] = await this.platform.query<Membership>({ text: MEMBER, values: [tenantId, userId] });
      if (isExecutive(role) && (member?.reportsToId ?? null) === null) throw superiorRequired();
      const user = em.getReference(User, userId, { wrapped: true });
      if (member === undefined) enrol(em, user, tenantId, { roles: [] });
      const held = await this.platform.query<{ id: string }>({ text: HELD, values: [tenantId, userId, ADMIN] });
      if (!held.some(({ id }) => id === role.id)) giveRole(em, user, tenantId, role);
      await em.flush();
      const row = (await this.of(userId)).find(({ tenant_id: id }) => id === tenantId);
      if (row === undefined) throw new Error('who has joined is a member');
      return { row, isNew: member === undefined };
    });
  }

  /** @throws NotFound, InUse for his home and while somebody there reports to him, LastAdmin */
  async leave(userId: string, tenantId: string): Promise<void> {
    await this.platform.transaction(async () => {
      const [member] = await this.platform.query<Membership>({ text: MEMBER, values: [tenantId, userId] });
      if (member === undefined) throw NotFound();
      if (!member.isGuest) throw InUse({ detail: 'It is his home.' });
      const held = await this.platform.query<{ isAdmin: boolean }>({ text: HELD, values: [tenantId, userId, ADMIN] });
      const admins = held.some(({ isAdmin }) => isAdmin) ? [tenantId] : [];
      await this.lastAdmins.keep(this.platform, admins, () => this.removal.leave(this.platform, tenantId, userId));
    });
  }

  private async of(userId: string): Promise<UserTenantRow[]> {
    const rows = await this.platform.query<UserTenantRow>({ text: MEMBERSHIPS, values: [userId] });
    for (const row of rows) row.joined_at = isoTime(row.joined_at);
    return rows;
  }
}

const missing = (path: string) => ValidationFailed({ errors: [notFoundAt(path)] });

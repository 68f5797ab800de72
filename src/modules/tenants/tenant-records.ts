import { Injectable } from '@nestjs/common';
import { ref } from '@mikro-orm/postgresql';
import { newId, ZERO_ID } from '../../common/ids.js';
import { ADMIN } from '../../platform/access/index.js';
import { Location, Organization } from '../../platform/tenancy/index.js';
import { type PlatformTransaction, PlatformUnit } from '../../platform/tenancy/platform.js';
import { UserGroupsService } from '../groups/index.js';
import { Invitations } from '../invitations/index.js';
import { MenusService } from '../menus/index.js';
import { Role } from '../rbac/index.js';
import { Subscriptions } from '../subscriptions/index.js';
import { enrol, User } from '../users/index.js';
import type { OwnPlace } from './placing.js';

/** What is known of a tenant before it is there; validated. */
export interface NewTenant {
  readonly tenant_code: string;
  readonly tenant_name: string;
  /** null: the one tenant of an installation, whose administrator is made at the command line. */
  readonly admin_email: string | null;
  readonly license_tier: string;
  readonly domain?: string | null;
  readonly subdomain?: string | null;
  readonly settings?: Record<string, unknown>;
  /** Left out: the shared tables. */
  readonly place?: OwnPlace | undefined;
}

/** Everything that core keeps of a new tenant, in one transaction. */
@Injectable()
export class TenantRecords {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly subscriptions: Subscriptions,
    private readonly groups: UserGroupsService,
    private readonly menus: MenusService,
    private readonly invitations: Invitations,
  ) {}

  /** The organization has no location yet, or one that is not made: nobody gets into it before somebody has done that. */
  async make(id: string, tenant: NewTenant): Promise<void> {
    await this.platform.transaction(async (work) => {
      const location = tenant.place === undefined ? null : work.em.create(Location, { id: newId(), ...tenant.place });
      work.em.create(Organization, { ...organizationOf(id, tenant), location });
      await work.em.flush();
      // in PostgreSQL's hands, not the ORM's: this is the fence that every transaction of the tenant passes
      if (location === null) {
        await work.query({
          text: `insert into tenancy.fence (organization_id, epoch, state) values ($1, 1, 'active')`,
          values: [id],
        });
      }
      await this.subscriptions.give(this.platform, id, tenant.license_tier);
      await this.groups.makeDefaults(this.platform, id);
      await this.menus.makeDefaults(this.platform, id);
      if (tenant.admin_email !== null) await this.makeAdministrator(work, id, tenant.admin_email);
    });
  }

  /** Inactive until he has accepted the invitation. */
  private async makeAdministrator(work: PlatformTransaction, organizationId: string, email: string): Promise<void> {
    const { em } = work;
    const userId = newId();
    const user = ref(
      em.create(User, {
        id: userId,
        organizationId,
        username: email,
        email,
        status: 'inactive',
        preferences: {},
      }),
    );
    const { id } = await em.findOneOrFail(Role, { roleCode: ADMIN, organizationId: null });
    enrol(em, user, organizationId, { roles: [{ id, scopeId: ZERO_ID }] });
    await em.flush();
    await this.groups.joinRegularUsers(this.platform, organizationId, userId);
    await this.invitations.invite(work, { organizationId, userId, email, roleCodes: [ADMIN] });
  }
}

const organizationOf = (
  id: string,
  { tenant_code, tenant_name, admin_email, license_tier, domain, subdomain, settings = {} }: NewTenant,
) => ({
  id,
  tenantCode: tenant_code,
  tenantName: tenant_name,
  adminEmail: admin_email,
  licenseTier: license_tier,
  domain: domain ?? null,
  subdomain: subdomain ?? null,
  settings,
  enabledModules: {},
});

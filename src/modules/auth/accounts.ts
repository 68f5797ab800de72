import { Injectable } from '@nestjs/common';
import { PlatformUnit } from '../../platform/tenancy/platform.js';

/** Somebody who may be the one who signs in. */
export interface Account {
  readonly userId: string;
  /** null: a platform user */
  readonly organizationId: string | null;
  readonly tenantCode: string | null;
  /** null: he signs in by a provider alone */
  readonly hashedPassword: string | null;
  /** Neither suspended nor inactive, as a user and as a member. */
  readonly alive: boolean;
}

/** By what a person calls himself. Usernames mean something in a tenant alone. */
export type Login =
  | { readonly email: string; readonly organizationId: string | null }
  | { readonly username: string; readonly organizationId: string };

/** So many accounts of one address are tried. */
const MAX_ACCOUNTS = 5;

const lookUp = (name: string, where: string) => ({
  name,
  text: `select u.id as "userId", u.organization_id as "organizationId", o.tenant_code as "tenantCode",
      u.hashed_password as "hashedPassword",
      u.status = 'active' and (u.organization_id is null or coalesce(a.status = 'active', false)) as alive
    from core.users u
    left join core.organizations o on o.id = u.organization_id
    left join core.user_tenant_associations a on a.organization_id = u.organization_id and a.user_id = u.id
    where ${where} and u.deleted_at is null and o.deleted_at is null
    order by alive desc, u.organization_id is null desc, u.last_login_at desc nulls last, u.id limit ${String(MAX_ACCOUNTS)}`,
});
const BY_EMAIL = lookUp(
  'account-by-email',
  `u.email_lower = lower($1) and ($2::uuid is null or u.organization_id = $2)`,
);
const BY_USERNAME = lookUp('account-by-username', `u.username_lower = lower($1) and u.organization_id = $2`);

/** Who signs in, looked up before his tenant is known. */
@Injectable()
export class Accounts {
  constructor(private readonly platform: PlatformUnit) {}

  /** The accounts of living tenants and of the platform that this can mean, those that may sign in first. */
  find(login: Login): Promise<Account[]> {
    return 'email' in login
      ? this.platform.query({ ...BY_EMAIL, values: [login.email, login.organizationId] })
      : this.platform.query({ ...BY_USERNAME, values: [login.username, login.organizationId] });
  }
}

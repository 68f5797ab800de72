import { Injectable } from '@nestjs/common';
import { Conflict } from '../../common/problem.js';
import type { PlatformTransaction } from '../../platform/tenancy/platform.js';

/** A living member of a tenant, as far as it matters to an invitation of his address. */
export interface KnownMember {
  readonly userId: string;
  readonly email: string;
  readonly reportsToId: string | null;
  readonly roleCodes: readonly string[];
  /** Made without a password, and never activated. */
  readonly isWaiting: boolean;
}

const KNOWN = `select m.id as "userId", m.email, m.reports_to_id as "reportsToId",
    m.status = 'inactive' and not m.is_guest and u.hashed_password is null as "isWaiting",
    coalesce((select jsonb_agg(r.role_code order by r.role_code)
      from core.user_roles ur join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
      where ur.organization_id = m.organization_id and ur.user_id = m.id and r.deleted_at is null), '[]') as "roleCodes"
  from core.members m join core.users u on u.id = m.id
  where m.organization_id = $1 and m.deleted_at is null`;

/** Who of a tenant's members is meant by an invitation; a guest is a member too. */
@Injectable()
export class InvitedMembers {
  async byId(work: PlatformTransaction, organizationId: string, id: string): Promise<KnownMember | undefined> {
    const [member] = await work.query<KnownMember>({ text: `${KNOWN} and m.id = $2`, values: [organizationId, id] });
    return member;
  }

  /** In whatever case. */
  async byEmail(work: PlatformTransaction, organizationId: string, email: string): Promise<KnownMember | undefined> {
    const text = `${KNOWN} and m.email_lower = lower($2) order by m.is_guest limit 1`;
    const [member] = await work.query<KnownMember>({ text, values: [organizationId, email] });
    return member;
  }
}

/** Of the address of a member. */
export const addressTaken = () =>
  Conflict({ errors: [{ path: 'email', code: 'taken', message: 'is the address of a member already' }] });

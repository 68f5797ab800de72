import { Injectable } from '@nestjs/common';
import { Conflict, Stale } from '../../common/problem.js';
import { type Input, narrowed, type Resource, ResourceReader, type UseCases } from '../../platform/resources/index.js';
import { currentPlacement } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { InvitationRow } from './invitation.dto.js';
import { StoredInvitations } from './invitation.resource.js';
import { type Brought, InvitationRules } from './invitation-rules.js';
import { Invitations } from './invitations.js';
import { addressTaken, InvitedMembers, type KnownMember } from './invited-members.js';

/** Nobody accepts it until the transaction ends. */
const HOLD = `select from core.one_time_tokens where organization_id = $1 and id = $2 for update`;

/** Invitations as a tenant's people deal with them. */
@Injectable()
export class InvitationCases implements UseCases<InvitationRow> {
  /** In the unit of the login that may read them. */
  readonly stored: Resource<InvitationRow>;

  constructor(
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
    private readonly rules: InvitationRules,
    private readonly members: InvitedMembers,
    private readonly invitations: Invitations,
  ) {
    this.stored = narrowed(StoredInvitations, { unit: platform });
  }

  reachable(): Resource<InvitationRow> {
    return this.stored;
  }

  /**
   * Invites an address. A user without a password who was never activated is invited again, should his mail be lost: then
   * the roles are those that he has.
   * @throws Conflict at email for a member; as `InvitationRules`
   */
  create(_: Resource<InvitationRow>, input: Input, id: string): Promise<InvitationRow> {
    return this.platform.transaction(async (work) => {
      const { email, roleCodes, reportsToId } = sentIn(input);
      const brought = await this.rules.assertMayBring(roleCodes, reportsToId);
      const { organizationId } = currentPlacement();
      const member = await this.members.byEmail(work, organizationId, email);
      if (member !== undefined) await this.assertWaiting(member, brought);
      const whom = member === undefined ? { userId: null, email, ...brought } : { ...brought, ...member };
      await this.invitations.invite(work, { ...whom, id, organizationId });
      return this.answered(id);
    });
  }

  /** @throws NotFound, PriorityTooLow; Conflict for one that was accepted or revoked, or whose address is a member's */
  resend(id: string): Promise<InvitationRow> {
    return this.platform.transaction(async (work) => {
      const row = await this.reached(id);
      const { organizationId } = currentPlacement();
      const member = await (row.user_id === null
        ? this.members.byEmail(work, organizationId, row.email)
        : this.members.byId(work, organizationId, row.user_id));
      const isOpen = row.user_id === null ? member === undefined : member?.isWaiting === true;
      const email = member?.email ?? row.email;
      if (!isOpen || !(await this.invitations.resend(work, { id, organizationId, email }))) throw over(row);
      return this.answered(id);
    });
  }

  /**
   * Revokes it; one that is revoked already stays so. A user who was made before stays too.
   * @throws NotFound, PriorityTooLow, Stale; Conflict for one that was accepted
   */
  revoke(id: string, versions: readonly number[] | undefined): Promise<void> {
    return this.platform.transaction(async (work) => {
      await work.query({ text: HOLD, values: [currentPlacement().organizationId, id] });
      const row = await this.reached(id);
      if (versions !== undefined && !versions.includes(row.version)) throw Stale();
      if (row.used_at !== null) throw over(row);
      await this.invitations.revoke(work, id);
    });
  }

  private async reached(id: string): Promise<InvitationRow> {
    const row = await this.reader.get(this.stored, id, 'create');
    await this.rules.assertMayDealWith(row.role_codes);
    return row;
  }

  private async assertWaiting({ userId, isWaiting, roleCodes }: KnownMember, brought: Brought): Promise<void> {
    const isSame = JSON.stringify([...roleCodes].sort()) === JSON.stringify([...brought.roleCodes].sort());
    if (!isWaiting || !isSame || !(await this.rules.isReached(userId, 'create'))) throw addressTaken();
  }

  private answered(id: string): Promise<InvitationRow> {
    return this.reader.get(narrowed(this.stored, { scope: undefined }), id, 'create');
  }
}

const over = ({ status }: InvitationRow) =>
  Conflict({
    detail:
      status === 'accepted' || status === 'revoked'
        ? `The invitation was ${status}.`
        : 'Whoever was invited is a member already.',
  });

/** What a validated body says. */
function sentIn({ email, role_codes, reports_to_id }: Input): Brought & { readonly email: string } {
  const texts = Array.isArray(role_codes) ? role_codes.filter((code) => typeof code === 'string') : [];
  return {
    email: typeof email === 'string' ? email : '',
    roleCodes: texts,
    reportsToId: typeof reports_to_id === 'string' ? reports_to_id.toLowerCase() : null,
  };
}

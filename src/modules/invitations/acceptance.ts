import { Injectable } from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { invalid } from '../../common/problem.js';
import type { IncomingRequest } from '../../platform/access/index.js';
import { PlatformUnit, type PlatformTransaction } from '../../platform/tenancy/platform.js';
import {
  AuthService,
  invalidToken,
  isStillHis,
  type LivingToken,
  lockedUser,
  OneTimeTokens,
  runAs,
  type SessionTokens,
} from '../auth/index.js';
import { assertPasswordAllowed, hashPassword } from '../users/index.js';
import type { AcceptInvitationInput } from './acceptance.dto.js';
import { addressTaken, InvitedMembers } from './invited-members.js';
import { Newcomers } from './newcomers.js';
import { SignedInAccounts } from './signed-in-accounts.js';

type Sent = Pick<AcceptInvitationInput, 'password' | 'full_name'>;
/** Somebody who comes to a tenant. */
interface Comer {
  readonly userId: string;
  readonly organizationId: string;
}

/** Accepting an invitation: the token is the proof, and is used up in the transaction of what it brings. */
@Injectable()
export class Acceptance {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly accounts: SignedInAccounts,
    private readonly newcomers: Newcomers,
    private readonly members: InvitedMembers,
    private readonly auth: AuthService,
    private readonly platform: PlatformUnit,
  ) {}

  /**
   * @throws ValidationFailed at `token`, also when the tenant or whoever was invited is gone or suspended, or at
   * `password` and `full_name`; Conflict at email for the address of a member
   */
  async accept({ token, ...sent }: AcceptInvitationInput, request: IncomingRequest): Promise<SessionTokens> {
    const found = await this.tokens.find('invitation', token);
    const organizationId = found?.organizationId ?? null;
    if (found === undefined || organizationId === null) throw invalidToken();
    await this.assertOpen(organizationId);
    const userId = await this.come(token, found, organizationId, sent, request);
    return this.auth.enter(userId, organizationId);
  }

  /** The id of the user whom the invitation has brought. */
  private async come(
    token: string,
    { userId = null, email }: LivingToken,
    organizationId: string,
    sent: Sent,
    request: IncomingRequest,
  ): Promise<string> {
    if (userId !== null) return this.activate(token, { userId, organizationId }, sent);
    const accountId = await this.accounts.find(request, email, organizationId);
    if (accountId !== undefined) return this.associate(token, { userId: accountId, organizationId }, sent);
    return this.make(token, { userId: newId(), organizationId }, sent);
  }

  /** Of a user who was made without a password. */
  private async activate(token: string, comer: Comer, { password, full_name: fullName }: Sent): Promise<string> {
    const hashed = await hashOf(password);
    await this.using(token, comer, async (work, used) => {
      const user = await lockedUser(work, comer.userId);
      const isWaiting = user !== null && user.status !== 'suspended' && (user.hashedPassword ?? null) === null;
      if (!isWaiting || !isStillHis(user, used.email)) throw invalidToken();
      Object.assign(user, { hashedPassword: hashed, status: 'active', isEmailVerified: true });
      if (typeof fullName === 'string') user.fullName = fullName;
      await work.em.flush();
    });
    return comer.userId;
  }

  private async associate(token: string, comer: Comer, sent: Sent): Promise<string> {
    for (const name of ['password', 'full_name'] as const)
      if (typeof sent[name] === 'string') throw invalid(name, 'not_taken', 'is that of your account already');
    await this.using(token, comer, async (work, used) => {
      await this.assertNoMember(work, used.email, comer);
      await this.newcomers.associate(work, comer, used);
    });
    return comer.userId;
  }

  private async make(token: string, comer: Comer, { password, full_name: fullName = null }: Sent): Promise<string> {
    const hashedPassword = await hashOf(password);
    const placement = await this.newcomers.placementOf(comer.organizationId);
    await this.using(token, comer, async (work, used) => {
      await this.assertNoMember(work, used.email, comer);
      await this.newcomers.make(work, placement, { ...comer, hashedPassword, fullName }, used);
    });
    return comer.userId;
  }

  /** One transaction in the name of whoever comes: of all who try at once, one gets to `work`. */
  private using(
    token: string,
    comer: Comer,
    work: (transaction: PlatformTransaction, used: LivingToken) => Promise<void>,
  ): Promise<void> {
    return runAs(comer, () =>
      this.platform.transaction(async (transaction) => {
        const used = await this.tokens.use(transaction, 'invitation', token);
        if (used === undefined) throw invalidToken();
        await work(transaction, used);
      }),
    );
  }

  /** Who has become one since he was invited. */
  private async assertNoMember(work: PlatformTransaction, email: string, { organizationId }: Comer): Promise<void> {
    if ((await this.members.byEmail(work, organizationId, email)) !== undefined) throw addressTaken();
  }

  private async assertOpen(organizationId: string): Promise<void> {
    const [open] = await this.platform.query({
      name: 'open-tenant',
      text: `select from core.organizations where id = $1 and status = 'active' and deleted_at is null`,
      values: [organizationId],
    });
    if (open === undefined) throw invalidToken();
  }
}

/** Made before a connection is held. */
function hashOf(password: string | null | undefined): Promise<string> {
  if (typeof password !== 'string') throw invalid('password', 'required', 'is required');
  assertPasswordAllowed(password);
  return hashPassword(password);
}

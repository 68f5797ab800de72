import { Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../../common/ids.js';
import type { PlatformTransaction } from '../../../platform/tenancy/platform.js';
import type { User } from '../../users/index.js';
import { Sessions } from '../sessions.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';

/** What goes with every change of a password. */
@Injectable()
export class StoredPasswords {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: OneTimeTokens,
  ) {}

  /**
   * Stores the hash and ends what the old password, or who knew it, may have opened: all sessions of the person in
   * whatever tenant, and the resets that are under way.
   * @param user locked, with his hash loaded
   * @param kept the family of the one session that goes on; null for none
   */
  async set(work: PlatformTransaction, user: User, hashed: string, kept: string | null): Promise<void> {
    const { id: userId, organizationId = null, email } = user;
    user.hashedPassword = hashed;
    await work.em.flush();
    await this.tokens.revoke(work, { purpose: 'password', organizationId, userId, email });
    const ended = (await this.sessions.familiesOf(work, userId)).filter((family) => family !== kept);
    if (ended.length === 0) return;
    await this.sessions.revoke(work, ended);
    await work.audit({
      organizationId: organizationId ?? ZERO_ID,
      action: 'logout_all',
      resource: 'users',
      resourceId: userId,
      reason: 'the password was changed',
    });
  }
}

import { Injectable } from '@nestjs/common';
import { invalid, type Problem, Unauthenticated } from '../../../common/problem.js';
import { SnapshotSource, type Claims } from '../../../platform/access/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { assertPasswordAllowed, hashPassword, verifyPassword } from '../../users/index.js';
import { isStillHis, lockedUser } from '../locked-user.js';
import { runAs } from '../run-as.js';
import { refusalOf } from '../standing.js';
import { OneTimeTokens } from '../tokens/one-time-tokens.js';
import { invalidToken } from '../tokens/token-problem.js';
import type { ChangePasswordInput, ResetPasswordInput } from './password.dto.js';
import { StoredPasswords } from './stored-passwords.js';

/** New passwords: by the old one, or by a token from a mail. Hashing is done before a connection is held. */
@Injectable()
export class PasswordService {
  constructor(
    private readonly passwords: StoredPasswords,
    private readonly tokens: OneTimeTokens,
    private readonly source: SnapshotSource,
    private readonly platform: PlatformUnit,
  ) {}

  /**
   * Changes the caller's password. His other sessions end, this one goes on.
   * @throws ValidationFailed at `current_password` or `new_password`
   */
  async change({ sub, sid }: Claims, { current_password, new_password }: ChangePasswordInput): Promise<void> {
    assertPasswordAllowed(new_password, 'new_password');
    const stored = await this.hashOf(sub);
    if (!(await verifyPassword(current_password, stored))) throw wrongPassword();
    const hashed = await hashPassword(new_password);
    await this.platform.transaction(async (work) => {
      const user = await lockedUser(work, sub);
      // somebody was quicker: it is not the current one any more
      if (user === null || user.hashedPassword !== stored) throw wrongPassword();
      await this.passwords.set(work, user, hashed, sid);
    });
  }

  /**
   * Sets the password of whom the token was mailed to. All of his sessions end.
   * @throws ValidationFailed at `password`, or at `token`: also for one whose owner may not sign in just now
   */
  async reset({ token, password }: ResetPasswordInput): Promise<void> {
    assertPasswordAllowed(password);
    const found = await this.tokens.find('password', token);
    const userId = found?.userId ?? null;
    if (found === undefined || userId === null) throw invalidToken();
    const owner = { userId, organizationId: found.organizationId ?? null };
    await this.assertMayReturn(owner);
    const hashed = await hashPassword(password);
    await runAs(owner, () =>
      this.platform.transaction(async (work) => {
        const user = await lockedUser(work, userId);
        const used = await this.tokens.use(work, 'password', token);
        if (user?.status !== 'active' || used === undefined || !isStillHis(user, used.email)) throw invalidToken();
        await this.passwords.set(work, user, hashed, null);
      }),
    );
  }

  private async hashOf(userId: string): Promise<string | null> {
    const [user] = await this.platform.query<{ hashedPassword: string | null }>({
      name: 'password-of',
      text: `select u.hashed_password as "hashedPassword" from core.users u where u.id = $1`,
      values: [userId],
    });
    return user?.hashedPassword ?? null;
  }

  /** A reset wakes nobody: neither who is suspended or never accepted his invitation, nor in a tenant that is shut. */
  private async assertMayReturn(owner: { userId: string; organizationId: string | null }): Promise<void> {
    const loaded = await this.source.load(owner.userId, owner.organizationId, null);
    if (refusalOf(loaded?.snapshot, Unauthenticated) !== undefined) throw invalidToken();
  }
}

const wrongPassword = (): Problem => invalid('current_password', 'invalid', 'is not your current password');

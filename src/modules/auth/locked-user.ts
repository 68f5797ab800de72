import { LockMode } from '@mikro-orm/postgresql';
import type { PlatformTransaction } from '../../platform/tenancy/platform.js';
import { User } from '../users/index.js';

/** The living user, whom nobody else changes until the end of the transaction; null for one that is not. */
export const lockedUser = (work: PlatformTransaction, id: string): Promise<User | null> =>
  work.em.findOne(
    User,
    { id, deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE, populate: ['hashedPassword'] },
  );

/** Whether a mail that went to this address went to his own, as it is now. */
export const isStillHis = (user: User, address: string): boolean => user.email.toLowerCase() === address.toLowerCase();

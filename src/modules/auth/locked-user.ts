import type { PlatformTransaction } from '../../platform/tenancy/platform.js';
import { User } from '../users/index.js';

/** Until the commit nobody else changes the person, or begins or ends all of his sessions. A refresh goes on. */
export async function lockUser(work: PlatformTransaction, id: string): Promise<void> {
  // no stronger: a refresh holds its family and inserts a row that refers to the person
  await work.query({ text: `select from core.users u where u.id = $1 for no key update`, values: [id] });
}

/** The living user, locked, with his hash; null for one that is not. */
export async function lockedUser(work: PlatformTransaction, id: string): Promise<User | null> {
  await lockUser(work, id);
  return work.em.findOne(User, { id, deletedAt: null }, { populate: ['hashedPassword'] });
}

/** Whether a mail that went to this address went to his own, as it is now. */
export const isStillHis = (user: User, address: string): boolean => user.email.toLowerCase() === address.toLowerCase();

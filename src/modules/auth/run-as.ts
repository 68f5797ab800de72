import { emptyScope, findScope, runInScope } from '../../platform/tenancy/index.js';

/** Runs `work` as somebody who has just proved who he is: a public route's scope knows nobody. */
export const runAs = <T>(
  person: { readonly userId: string; readonly organizationId: string | null },
  work: () => Promise<T>,
): Promise<T> => {
  const kind = person.organizationId === null ? 'platform' : 'user';
  return runInScope({ ...(findScope() ?? emptyScope()), actor: { kind, id: person.userId } }, work);
};

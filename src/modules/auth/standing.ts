import { TenantSuspended, type Problem, type ProblemFactory } from '../../common/problem.js';
import type { Snapshot } from '../../platform/access/index.js';

/**
 * Why a person who has proved who he is gets no tokens; undefined when he may have them. As the guard would decide on
 * them, but that a location which is not ready hinders nobody from signing in.
 * @param dead for one who is no member any more, suspended or inactive
 */
export function refusalOf(snapshot: Snapshot | undefined, dead: ProblemFactory): Problem | undefined {
  if (snapshot?.alive !== true) return dead();
  switch (snapshot.tenant?.status) {
    case 'suspended':
      return TenantSuspended();
    case 'inactive':
      return TenantSuspended({ reason: 'inactive' });
    case 'active':
    case 'unavailable':
    case undefined:
      return undefined;
  }
}

import { invalid, type Problem } from '../../../common/problem.js';

/** One answer for a token that never was, is of another purpose, used, revoked or too old, or whose owner is gone. */
export const invalidToken = (): Problem => invalid('token', 'invalid', 'is not valid (any more)');

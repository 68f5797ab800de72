import { describe, expect, it } from '@jest/globals';
import { type BoardCaller, type BoardRights, mayRead, mayWrite } from './board-rights.js';

const rights = (read: string[], write: string[]): BoardRights => ({ read: new Set(read), write: new Set(write) });
const member = (...groups: string[]): BoardCaller => ({ groups: new Set(groups), manages: false });
const manager: BoardCaller = { groups: new Set(), manages: true };

describe('the rights of groups on a board', () => {
  it.each([
    ['no rows: everyone reads and writes', rights([], []), member(), true, true],
    ['readers alone: a member of them reads and writes', rights(['a'], []), member('a'), true, true],
    ['readers alone: a stranger does neither', rights(['a'], []), member('b'), false, false],
    ['readers alone: one without any group does neither', rights(['a'], []), member(), false, false],
    ['writers alone: a stranger reads', rights([], ['a']), member('b'), true, false],
    ['writers alone: a member of them writes', rights([], ['a']), member('a'), true, true],
    ['both: a reader reads', rights(['a'], ['b']), member('a'), true, false],
    ['both: a writer reads too', rights(['a'], ['b']), member('b'), true, true],
    ['both: a stranger does neither', rights(['a'], ['b']), member('c'), false, false],
    ['one group of many is enough', rights(['a', 'b'], ['c', 'd']), member('x', 'd'), true, true],
    ['board_manage passes all', rights(['a'], ['b']), manager, true, true],
  ])('%s', (_, board, caller, reads, writes) => {
    expect([mayRead(board, caller), mayWrite(board, caller)]).toEqual([reads, writes]);
  });
});

import { describe, it, expect } from '@jest/globals';
import { decideRotation, REPLAY_GRACE_MS, type Rotation, type TokenState } from './rotation.js';

const good: TokenState = { replacedAgo: null, revoked: false, expired: false, familyLives: true };

describe('decideRotation', () => {
  it.each<[string, Partial<TokenState>, Rotation]>([
    ['a good token is replaced', {}, 'rotate'],
    ['one that was replaced just now comes from another tab', { replacedAgo: 0 }, 'replay'],
    ['so does one whose successor was made by a clock that is read later', { replacedAgo: -3 }, 'replay'],
    ['the grace ends', { replacedAgo: REPLAY_GRACE_MS - 1 }, 'replay'],
    ['after ten seconds', { replacedAgo: REPLAY_GRACE_MS }, 'reuse'],
    ['an old copy gives the thief away', { replacedAgo: 86_400_000 }, 'reuse'],
    ['expired', { expired: true }, 'ended'],
    ['expired and replaced long ago: nothing left to protect', { expired: true, replacedAgo: 86_400_000 }, 'ended'],
    ['revoked', { revoked: true }, 'ended'],
    ['replaced just now, but its session was ended since', { replacedAgo: 5, familyLives: false }, 'ended'],
    ['a copy of a session that has ended', { replacedAgo: 86_400_000, familyLives: false }, 'ended'],
  ])('%s', (_, state, rotation) => {
    expect(decideRotation({ ...good, ...state })).toBe(rotation);
  });
});

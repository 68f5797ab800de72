import { describe, expect, it } from '@jest/globals';
import { refusalOfChange, type Written } from './authorship.js';

const mine = (status = 'published', is_pinned = false): Written => ({ author_id: 'me', status, is_pinned });
const theirs = (status = 'published', is_pinned = false): Written => ({ author_id: 'other', status, is_pinned });
const writer = { id: 'me', moderates: false, pins: false };
const editor = { ...writer, pins: true };
const moderator = { ...editor, moderates: true };

describe('a change of what somebody wrote', () => {
  it.each([
    ['words of his own', mine(), { title: 'x' }, writer, undefined],
    ['words of another', theirs(), { title: 'x' }, writer, undefined],
    ['pinning his own', mine(), { is_pinned: true }, writer, 403],
    ['saying of what is not pinned that it is not', mine(), { is_pinned: false }, writer, undefined],
    ['saying of what is pinned that it is', mine('published', true), { is_pinned: true }, writer, undefined],
    ['unpinning', mine('published', true), { is_pinned: false }, writer, 403],
    ['pinning by an editor', theirs(), { is_pinned: true }, editor, undefined],
    ['hiding by an editor', theirs(), { status: 'hidden' }, editor, 403],
    ['hiding his own', mine(), { status: 'hidden' }, writer, undefined],
    ['hiding another’s', theirs(), { status: 'hidden' }, writer, 403],
    ['hiding another’s by a moderator', theirs(), { status: 'hidden' }, moderator, undefined],
    ['showing his own that is hidden', mine('hidden'), { status: 'published' }, writer, 403],
    ['making a draft of his own that is hidden', mine('hidden'), { status: 'draft' }, writer, 403],
    ['showing what is hidden by a moderator', theirs('hidden'), { status: 'published' }, moderator, undefined],
    ['saying of what is hidden that it is', mine('hidden'), { status: 'hidden' }, writer, undefined],
    ['publishing his draft', mine('draft'), { status: 'published' }, writer, undefined],
    ['taking his own back', mine(), { status: 'draft' }, writer, undefined],
    ['making a draft of another’s', theirs(), { status: 'draft' }, writer, 422],
    ['making a draft of another’s by a moderator', theirs(), { status: 'draft' }, moderator, 422],
    [
      'nobody’s, by the system',
      { ...theirs(), author_id: null },
      { title: 'x' },
      { id: null, moderates: true, pins: true },
      undefined,
    ],
  ])('%s', (_, written, input, who, status) => {
    expect(refusalOfChange(written, input, who)?.status).toBe(status);
  });
});

import type { DemoRole } from './people.js';

interface PostData {
  readonly title: string;
  readonly content: string;
  readonly author: DemoRole;
  readonly category?: string;
  readonly pinned?: boolean;
  readonly comments?: readonly { readonly author: DemoRole; readonly content: string }[];
}
interface BoardData {
  readonly code: string;
  readonly name: string;
  readonly type: 'notice' | 'forum' | 'qna' | 'gallery';
  readonly description: string;
  /** By code. */
  readonly categories: Readonly<Record<string, string>>;
  readonly posts: readonly PostData[];
}

/** The boards of each demo organization: the one that is made with a tenant, and one where people ask each other. */
export const BOARDS: readonly BoardData[] = [
  {
    code: 'notice',
    name: 'Notice board',
    type: 'notice',
    description: 'What everyone here should have read.',
    categories: {},
    posts: [
      {
        title: 'Welcome',
        content: 'This board tells what concerns all of us. Ask about it in a comment.',
        author: 'admin',
        pinned: true,
        comments: [{ author: 'viewer', content: 'Thank you, good to be here.' }],
      },
      {
        title: 'Office hours at the end of the year',
        content: 'The office is closed from 24 December to 1 January. The hotline is reachable as always.',
        author: 'editor',
      },
    ],
  },
  {
    code: 'questions',
    name: 'Questions and answers',
    type: 'qna',
    description: 'Somebody has met it before.',
    categories: { tools: 'Tools', customers: 'Customers' },
    posts: [
      {
        title: 'Where do I change the currency of a lead?',
        content: 'Leads take the currency of our settings. Can a single one have another?',
        author: 'executive',
        category: 'tools',
        comments: [
          { author: 'manager', content: 'Yes, set it on the lead itself.' },
          { author: 'executive', content: 'Found it, thanks.' },
        ],
      },
      {
        title: 'Who follows up on leads from the fair?',
        content: 'There are a dozen cards on my desk. I would take half of them.',
        author: 'manager',
        category: 'customers',
      },
    ],
  },
];

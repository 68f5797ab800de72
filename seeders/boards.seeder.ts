import { livingOrganization, madeAt, type Owners, ownersOf } from './business.js';
import { BOARDS } from './data/boards.js';
import { type OrganizationData, ORGANIZATIONS } from './data/organizations.js';
import type { DemoRole } from './data/people.js';
import { organizationId } from './demo-organizations.js';
import { insertMissing, type Row, type Run } from './rows.js';
import { madeOrThere, type Seeder, type Seeding, type Step } from './seeder.js';
import { stableId } from './stable-id.js';

export const boards: Seeder = {
  name: 'boards',
  about: 'boards with posts and comments of every demo organization',
  dependsOn: ['demo'],
  demo: true,
  run: async (seeding) => {
    const steps: Step[] = [];
    for (const organization of ORGANIZATIONS) steps.push(await seedOrganization(seeding, organization));
    return steps;
  },
};

async function seedOrganization({ platform, tenancy }: Seeding, organization: OrganizationData): Promise<Step> {
  const { code } = organization;
  if (!(await livingOrganization(platform, code)))
    return { done: 'skipped', what: `boards in ${code}`, holds: 'the organization is not there' };
  const owners = await ownersOf(platform, organization);
  const run: Run = (statement) => tenancy.write(statement);
  const made = await tenancy.run(organizationId(code), () =>
    tenancy.transaction(() => insertBoards(run, code, owners)),
  );
  return madeOrThere(
    made,
    `${String(BOARDS.length)} boards in ${code}`,
    BOARDS.map(({ code: board, posts }) => `${board} ${String(posts.length)} posts`).join(' · '),
  );
}

const idOf = (code: string, ...parts: string[]): string => stableId('boards', code, ...parts);

/** Whether something was missing. What people made under the same code, or removed, is left to them, with all below it. */
async function insertBoards(run: Run, code: string, owners: Owners): Promise<boolean> {
  const made = await insertMissing(
    run,
    'boards',
    BOARDS.map((board, at) => boardRow(code, board, at)),
  );
  const fresh = BOARDS.filter((board) => made.has(idOf(code, board.code)));
  const below = fresh.flatMap((board) => rowsBelow(code, board, owners));
  for (const table of ['board_categories', 'posts', 'comments'] as const)
    await insertMissing(
      run,
      table,
      below.flatMap((rows) => rows[table]),
    );
  return made.size > 0;
}

type BoardData = (typeof BOARDS)[number];
type PostData = BoardData['posts'][number];

const stamps = (number: number) => ({ created_at: madeAt(number), updated_at: madeAt(number), version: 1 });

const boardRow = (code: string, { code: board, name, type, description }: BoardData, at: number): Row => ({
  organization_id: organizationId(code),
  id: idOf(code, board),
  board_code: board,
  board_name: name,
  board_type: type,
  description,
  display_order: at,
  allow_comments: true,
  allow_attachments: true,
  settings: {},
  ...stamps(at),
});

interface RowsBelow {
  readonly board_categories: readonly Row[];
  readonly posts: readonly Row[];
  readonly comments: readonly Row[];
}

function rowsBelow(code: string, board: BoardData, owners: Owners): RowsBelow[] {
  const own = { organization_id: organizationId(code), board_id: idOf(code, board.code) };
  const categories = Object.entries(board.categories).map(([category, name], at) => ({
    ...own,
    id: idOf(code, board.code, 'category', category),
    category_code: category,
    category_name: name,
    display_order: at,
    ...stamps(at),
  }));
  const posts = board.posts.map((post, at) => ({
    ...own,
    id: idOf(code, board.code, 'post', post.title),
    category_id: post.category === undefined ? null : idOf(code, board.code, 'category', post.category),
    title: post.title,
    content: post.content,
    author_id: authorOf(post.author, owners),
    is_pinned: post.pinned ?? false,
    status: 'published',
    view_count: 0,
    comment_count: post.comments?.length ?? 0,
    ...stamps(at),
  }));
  const comments = board.posts.flatMap((post) => commentRows(code, board, post, owners));
  return [{ board_categories: categories, posts, comments }];
}

const commentRows = (code: string, board: BoardData, { title, comments = [] }: PostData, owners: Owners): Row[] =>
  comments.map(({ author, content }, at) => ({
    organization_id: organizationId(code),
    id: idOf(code, board.code, 'post', title, 'comment', String(at)),
    post_id: idOf(code, board.code, 'post', title),
    content,
    author_id: authorOf(author, owners),
    status: 'published',
    ...stamps(0),
  }));

const authorOf = (role: DemoRole, owners: Owners): string | null => owners(role) ?? null;

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { type Tenant, tenantOf } from '../support/tenants.js';

const POSTS = 100_000;
const OTHERS = 2_000;
/** How much faster the index must be than reading every row, in the same run. */
const RATIO = 5;

describe('the full text of posts, at 100,000 posts of one tenant among others', () => {
  let database: TestDatabase;
  let mine: Tenant;
  let theirs: Tenant;
  let client: pg.Client;

  beforeAll(async () => {
    database = await freshDatabase();
    [mine, theirs] = await Promise.all([tenantOf(database, 'testcorp'), tenantOf(database, 'globex')]);
    await fill(database, mine, POSTS);
    await fill(database, theirs, POSTS / 10);
    for (const code of ['acme', 'initech', 'umbrella']) await fill(database, await tenantOf(database, code), OTHERS);
    await database.sql('vacuum (analyze) shared.posts');
    client = new pg.Client(database.urls.superuser);
    await client.connect();
    await client.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;
      set auto_explain.log_nested_statements = on; set client_min_messages = log`);
  }, 120_000);
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** As the application does it: its login's role, behind the fence. Gives rows, plans of all statements and milliseconds. */
  async function asTenant({ id, placement }: Tenant, text: string, values: unknown[]) {
    await client.query('begin');
    await client.query('set local role tenantry_app');
    await client.query(`select tenancy.enter_read($1, $2, null), set_config('search_path', $3, true)`, [
      id,
      placement.epoch,
      placement.schema,
    ]);
    const plans: string[] = [];
    const listen = ({ message }: { message?: string | undefined }) => plans.push(message ?? '');
    client.on('notice', listen);
    const started = performance.now();
    const { rows } = await client.query<{ id: string; organization_id: string }>(text, values);
    const ms = performance.now() - started;
    client.off('notice', listen);
    await client.query('commit');
    return { rows, ms, plan: plans.join('\n') };
  }
  const search = (tenant: Tenant, words: string) =>
    asTenant(
      tenant,
      `select id, organization_id from posts where organization_id = $1 and deleted_at is null and id in (select posts_found($2))
       order by created_at desc, id desc limit 101`,
      [tenant.id, words],
    );

  it('is found by the index', async () => {
    const { rows, plan } = await search(mine, 'word777');
    expect(rows.length).toBe(POSTS / 1000);
    expect(plan).toMatch(/Bitmap Index Scan on posts_search_idx/);
    expect(plan).not.toMatch(/Seq Scan on posts/);
  });

  it('takes a bounded part of the time that reading every row takes', async () => {
    const reading = `select id from posts where organization_id = $1 and deleted_at is null and search @@ websearch_to_tsquery('simple', $2)
      order by created_at desc, id desc limit 101`;
    const times = { index: [] as number[], all: [] as number[] };
    for (let round = 0; round < 7; round++) {
      const words = `word${String(100 + round)}`;
      times.index.push((await search(mine, words)).ms);
      const all = await asTenant(mine, reading, [mine.id, words]);
      expect(all.plan).not.toMatch(/posts_search_idx/);
      times.all.push(all.ms);
    }
    // the best of each: what else the machine does meanwhile only adds
    expect(Math.min(...times.all) / Math.min(...times.index)).toBeGreaterThan(RATIO);
  });

  it('narrows to one tenant within the index: what others wrote costs nothing', async () => {
    const { rows, plan } = await search(mine, 'theirs2');
    expect(rows).toEqual([]);
    // the word is in 10,000 posts of the other tenant
    expect(plan).toMatch(/posts_search_idx.*\n?.*rows=0/);
    expect((await search(theirs, 'theirs2')).rows.length).toBe(101);
  });

  it.each([
    ['the organization’s own word', (): string => `@${theirs.id}`],
    ['a negation', (): string => '-nowhere'],
    ['an or', (): string => 'word1 or theirs2'],
    ['operators of tsquery', (): string => `word1 | theirs2 & !x <-> '@${theirs.id}'`],
  ])('gives nothing of another tenant by %s', async (_, words) => {
    const found = await asTenant(mine, 'select posts_found($1) as id', [words()]);
    const strangers = await database.sql('select from shared.posts where id = any ($1) and organization_id <> $2', [
      found.rows.map(({ id }) => id),
      mine.id,
    ]);
    expect(strangers).toEqual([]);
  });

  it('finds nothing for a text without a word in it', async () => {
    expect((await search(mine, '... !')).rows).toEqual([]);
  });

  it('gives nothing without a tenant, and nothing to another login', async () => {
    await client.query('begin');
    await client.query(`set local role tenantry_app`);
    await client.query(`set local search_path = shared`);
    expect((await client.query(`select posts_found('word777')`)).rows).toEqual([]);
    await client.query(`set local role tenantry_platform`);
    await expect(client.query(`select shared.posts_found('word777')`)).rejects.toThrow(/permission denied/);
    await client.query('rollback');
  });

  it.each([
    ['distinct words', () => letters(32_768, 0x3400).join(' ')],
    ['hyphenated letters of four bytes', () => letters(32_768, 0x20000).join('-')],
  ])('takes the longest content, of %s', async (_, content) => {
    const { rowCount } = await client.query(
      `insert into shared.posts (organization_id, id, board_id, title, content)
       select organization_id, uuidv7(), id, 'Long', $2 from shared.boards where organization_id = $1 and board_code = 'many'`,
      [mine.id, content()],
    );
    expect(rowCount).toBe(1);
  });
});

const letters = (count: number, from: number): string[] =>
  Array.from({ length: count }, (_, n) => String.fromCodePoint(from + n));

/** Of posts of 1,000 words that each tenant has; `theirs1` and `theirs2` are the other one's alone. */
async function fill({ sql }: TestDatabase, { id, code }: Tenant, count: number): Promise<void> {
  await sql(
    `with board as (insert into shared.boards (organization_id, id, board_code, board_name) values ($1, uuidv7(), 'many', 'Many') returning *)
     insert into shared.posts (organization_id, id, board_id, title, content, created_at)
     select $1, uuidv7(), board.id, 'Post ' || n, 'word' || n % 1000 || ' some more text of post ' || n || case when $2 = 'globex' then ' theirs1 theirs2' else '' end,
       now() - make_interval(secs => n) from board, generate_series(1, $3) n`,
    [id, code, count],
  );
}

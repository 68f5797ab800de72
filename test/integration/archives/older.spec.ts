import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changedRows } from '../../support/oracles.js';
import { forged, makeWorld, type World } from './world.js';

/** Before boards, the partitions of the audit log, and moving. */
const FIRST_TABLES = 'Migration20261120090100_tables';
/** Before exports. */
const OLDER_CORE = 'Migration20261127200100_moves';

interface Block {
  readonly plane: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly string[];
}
/** An archive with other tables, as a version would have written it that had those. */
function rewritten(archive: Buffer, migrations: object, change: (block: Block) => Block | undefined): Buffer {
  return forged(archive, (text) => {
    const [first = '', ...lines] = text.split('\n');
    const head = JSON.parse(first) as { migrations: object };
    const blocks: Block[] = [];
    for (let at = 0; lines[at]?.includes('"columns"') === true; at++) {
      const told = JSON.parse(lines[at] ?? '') as Omit<Block, 'rows'>;
      const end = lines.indexOf('\\.', at);
      blocks.push({ ...told, rows: lines.slice(at + 1, end) });
      at = end;
    }
    const kept = blocks.flatMap((block) => change(block) ?? []);
    const files = (JSON.parse(lines.at(-2) ?? '') as { files: object }).files;
    const textOf = ({ rows }: Block) => rows.map((row) => `${row}\n`).join('');
    const tables = kept.map((block) => ({
      ...{ plane: block.plane, table: block.table, rows: block.rows.length },
      sha256: createHash('sha256').update(textOf(block), 'latin1').digest('hex'),
    }));
    const body = kept.map(({ rows, ...told }) => `${JSON.stringify(told)}\n${textOf({ rows, ...told })}\\.\n`);
    const all = { ...head, migrations: { ...head.migrations, ...migrations } };
    return `${JSON.stringify(all)}\n${body.join('')}${JSON.stringify({ tables, files })}\n`;
  });
}
function without(block: Block, name: string): Block {
  const at = block.columns.findIndex((column) => column.name === name);
  return {
    ...block,
    columns: block.columns.toSpliced(at, 1),
    rows: block.rows.map((row) => row.split('\t').toSpliced(at, 1).join('\t')),
  };
}

describe('an archive of an older version', () => {
  let world: World;
  let archive: Buffer;
  beforeAll(async () => {
    world = await makeWorld();
    archive = await readFile(await world.exported());
  });
  afterAll(() => world.app.close());

  const written = async (bytes: Buffer): Promise<string> => {
    const file = world.newFile();
    await writeFile(file, bytes);
    return file;
  };
  const scratches = () => world.database.sql(`select datname from pg_database where datname ~ '^tenantry_restore_'`);
  const firstTables = (block: Block) =>
    block.plane === 'core' || /^(audit_log|counters|crm_leads|manufacturing_orders)$/.test(block.table)
      ? block
      : undefined;
  const older = () => written(rewritten(archive, { tenant: FIRST_TABLES, core: OLDER_CORE }, firstTables));

  it('comes back in the tables of this one', async () => {
    const file = await older();
    const before = await world.rows();
    await world.wipe();
    await world.restores.restore(file);
    const after = await world.rows();
    const gone = changedRows(before, after).filter((key) => !key.startsWith('core.audit_log '));
    expect(new Set(gone.map((key) => key.split(' ')[0]))).toEqual(
      new Set(['shared.boards', 'shared.board_groups', 'shared.board_categories', 'shared.posts', 'shared.comments']),
    );
    expect([...after.keys()].filter((key) => key.startsWith('shared.crm_leads ')).length).toBeGreaterThan(1_500);
    expect(await scratches()).toEqual([]);
    const admin = await world.app.signIn('admin@testcorp.com');
    expect((await admin.get('/crm/leads?limit=1')).status).toBe(200);
    expect((await admin.get('/boards')).body).toMatchObject({ items: [] });
  });

  it('is a second tenant in a schema of its own, also after an attempt that ended', async () => {
    const file = await older();
    const asked = { as: 'older', adminEmail: 'a@older.com', isolation: 'schema' };
    const broken = world.restores.restore(file, asked, (step) => {
      if (step === 'cleared') throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    const { id } = await world.restores.restore(file, asked);
    const [leads] = await world.database
      .at(id)
      .sql<{ count: number }>('select count(*)::int as count from crm_leads where organization_id = $1', [id]);
    expect(leads?.count).toBeGreaterThan(1_500);
    expect(await scratches()).toEqual([]);
  });

  it('is refused, and nothing is written, where its tables are not those of that version', async () => {
    const file = await written(rewritten(archive, { tenant: FIRST_TABLES }, (block) => block));
    const before = await world.rows();
    const asked = { as: 'other', adminEmail: 'a@other.com' };
    await expect(world.restores.restore(file, asked)).rejects.toThrow(/other tables/);
    expect(await world.database.sql(`select from core.organizations where tenant_code = 'other'`)).toEqual([]);
    expect(changedRows(before, await world.rows())).toEqual([]);
    expect(await scratches()).toEqual([]);
  });

  it('lacks of core what a row comes to be without, and nothing else', async () => {
    const lacking = (name: string) =>
      written(
        rewritten(archive, { core: OLDER_CORE }, (block) => (block.table === 'menus' ? without(block, name) : block)),
      );
    const asked = { as: 'lacking', adminEmail: 'a@lacking.com', isolation: 'shared' };
    await expect(world.restores.restore(await lacking('menu_code'), asked)).rejects.toThrow(
      /of core it has in another way: menus\.menu_code\./,
    );
    const { id } = await world.restores.restore(await lacking('menu_icon'), asked);
    const menus = await world.database.sql<{ menu_icon: string | null }>(
      'select menu_icon from core.menus where organization_id = $1',
      [id],
    );
    expect(menus.length).toBeGreaterThan(4);
    expect(new Set(menus.map(({ menu_icon }) => menu_icon))).toEqual(new Set([null]));
  });
});

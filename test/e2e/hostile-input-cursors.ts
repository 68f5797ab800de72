import { encodeCursor } from '../../src/common/cursor.js';
import type { Sent } from '../support/oracles-exchange.js';
import { collectionOf, type Operation, successesOf } from '../support/schema-values-operations.js';
import { part } from './hostile-input-measure.js';
import { asking } from './hostile-input-requests.js';
import type { HostileWorld } from './hostile-input-world.js';
import type { Maker } from './matrix-rows.js';

type Values = Parameters<typeof encodeCursor>[0];

/** No multiple of the columns or kinds, so that each comes up. */
const PARTS = 13;

/** What no list of ours would put into a cursor. Its check is no secret: anybody can make one that passes it. */
const STRANGE: readonly Values[number][] = [
  null,
  true,
  0,
  1.5,
  1e21,
  '',
  'a\0b',
  '\ud800',
  "'; drop table crm_leads; --",
  'infinity',
  'NaN',
  '9'.repeat(400),
  '2026-01-01T00:00:00Z',
  '2026-13-01T00:00:00Z',
];

/** Cursors made by somebody who knows how, for the columns that the list can be sorted by. @param list without its query */
export async function forgedCursors(
  world: HostileWorld,
  operation: Operation,
  list: Sent,
  turn: number,
): Promise<readonly Sent[]> {
  const { rows, makers } = world;
  const collection = collectionOf(operation);
  const create = rows.createOf(collection);
  if (!operation.parameters.some(({ name }) => name === 'cursor') || create === undefined) return [];
  const made = async (maker: Maker) =>
    rows.row(collection, maker, { ids: await rows.pathOf(create, maker), isFresh: false });
  const [id, foreign] = [await made(makers.own), await made(makers.foreign)];
  // below a row, a table is named by the last word alone
  const table = (/\}\/([^/{]+)$/.exec(collection)?.[1] ?? collection.replace('/api/v1/', '')).replaceAll(/[/-]/g, '_');
  const columns = await sortable(world, operation, list);
  const all = columns.flatMap((sort) => {
    const order = sort === 'id' ? 'id' : `${sort},id`;
    const cursors = [
      [],
      [id],
      ...STRANGE.flatMap((value): Values[] => [
        [value],
        [value, id],
        [value, foreign],
        [value, value],
        [value, id, id],
      ]),
    ];
    return cursors.map((values) =>
      asking(asking(list, 'sort', sort), 'cursor', encodeCursor(values, `${table}\n${order}`)),
    );
  });
  return part(all, turn, PARTS);
}

/** The columns that the list takes for a sort, of all that it shows. */
async function sortable(world: HostileWorld, operation: Operation, list: Sent): Promise<string[]> {
  const { schemas } = world.api;
  const page = schemas.resolve(successesOf(operation).get(200)?.schema ?? {});
  const shown = Object.keys(schemas.resolve(page.properties?.['items']?.items ?? {}).properties ?? {});
  const answered = await world.attack(
    operation,
    shown.map((name) => asking(list, 'sort', name)),
  );
  return answered.flatMap(({ sent, received }) => (received.status === 200 ? [sent.path.split('sort=')[1] ?? ''] : []));
}

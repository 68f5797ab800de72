import { encodeCursor } from '../../src/common/cursor.js';
import type { Sent } from '../support/oracles-exchange.js';
import { type Operation, successOf } from '../support/schema-values-operations.js';
import { asking } from './hostile-input-requests.js';
import type { HostileWorld } from './hostile-input-world.js';

type Values = Parameters<typeof encodeCursor>[0];

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

/** Cursors made by somebody who knows how, for each column that the list can be sorted by. */
export async function forgedCursors(world: HostileWorld, operation: Operation): Promise<Sent[]> {
  const { path, parameters } = operation;
  if (!parameters.some(({ name }) => name === 'cursor')) return [];
  const [id, foreign] = [await world.row(path), await world.row(path, 'foreign')];
  const table = path.replace('/api/v1/', '').replaceAll(/[/-]/g, '_');
  const list: Sent = { method: 'GET', path };
  return (await sortable(world, operation)).flatMap((sort) => {
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
}

/** The columns that the list takes for a sort, of all that it shows. */
async function sortable(world: HostileWorld, operation: Operation): Promise<string[]> {
  const { schemas } = world.api;
  const page = schemas.resolve(successOf(operation).answer.schema ?? {});
  const shown = Object.keys(schemas.resolve(page.properties?.['items']?.items ?? {}).properties ?? {});
  const answered = await world.attack(
    shown.map((name) => asking({ method: 'GET', path: operation.path }, 'sort', name)),
  );
  return answered.flatMap(({ sent, received }) => (received.status === 200 ? [sent.path.split('sort=')[1] ?? ''] : []));
}

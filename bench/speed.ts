import { assertSameAnswers } from './agree.js';
import { type Bench, measure, type Ratios, ratiosOf, type Sample, type Side } from './measure.js';
import { type Line, MUST } from './report.js';
import { type Caller, creates, gets, lists, unitCreates, unnotedCreates } from './requests.js';
import type { Server } from './server.js';

export interface Servers {
  readonly product: Server;
  readonly floor: Server;
  readonly typical: Server;
}
/** The same people, for the product and for servers without a guard. */
export interface Callers {
  readonly guarded: readonly Caller[];
  readonly open: readonly Caller[];
}
export interface Speed {
  readonly groups: readonly (readonly Line[])[];
  readonly list: Ratios;
  readonly get: Ratios;
  readonly create: Ratios;
  readonly create_unit: Ratios;
  readonly typical: { readonly list: number };
  /** The floor's create with its audit entry, against the one without. */
  readonly audit: { readonly create: Pick<Ratios, 'ratio' | 'cpu_ratio'> };
}

/** The product against the floor and against what is usually written. Reads come first: writes make the tables grow. */
export async function measureSpeed(bench: Bench, servers: Servers, callers: Callers): Promise<Speed> {
  const sides = sidesOf(servers, callers);
  const { list, floorList, typicalList, get, floorGet, create, floorCreate, unit, unnoted } = sides;
  await assertSameAnswers(list, floorList);
  await assertSameAnswers(get, floorGet);
  await assertSameAnswers(create, floorCreate);
  await assertSameAnswers(unit, floorCreate);
  await assertSameAnswers(unnoted, floorCreate);
  const reads = await measure(bench, [list, floorList, typicalList, get, floorGet]);
  const writes = await measure(bench, [create, floorCreate, unit, unnoted]);
  const samples = (side: Side): Sample[] => reads.get(side) ?? writes.get(side) ?? [];
  const against = (side: Side, floor: Side): Ratios => ratiosOf(samples(side), samples(floor));
  const typical = against(list, typicalList);
  const audit = against(floorCreate, unnoted);
  const line = (side: Side): Line => ({ name: side.name, samples: samples(side) });
  const ratios = {
    list: against(list, floorList),
    get: against(get, floorGet),
    create: against(create, floorCreate),
    create_unit: against(unit, floorCreate),
  };
  return {
    groups: [
      [line(floorList), { ...line(list), ratios: ratios.list, must: MUST.list }],
      [line(typicalList), { ...line(list), ratios: typical, must: MUST.typical }],
      [line(floorGet), { ...line(get), ratios: ratios.get, must: MUST.get }],
      [
        line(floorCreate),
        { ...line(create), ratios: ratios.create, must: MUST.create },
        { ...line(unit), ratios: ratios.create_unit, must: MUST.create_unit },
      ],
      [line(unnoted), { ...line(floorCreate), ratios: audit }],
    ],
    ...ratios,
    typical: { list: typical.ratio },
    audit: { create: { ratio: audit.ratio, cpu_ratio: audit.cpu_ratio } },
  };
}

function sidesOf({ product, floor, typical }: Servers, { guarded, open }: Callers) {
  return {
    list: { name: 'list of 20', server: product, requests: lists(guarded) },
    floorList: { name: 'floor: list of 20', server: floor, requests: lists(open) },
    typicalList: { name: 'Express + em.find: list of 20', server: typical, requests: lists(open) },
    get: { name: 'get', server: product, requests: gets(guarded) },
    floorGet: { name: 'floor: get', server: floor, requests: gets(open) },
    create: { name: 'create, one statement', server: product, requests: creates(guarded) },
    unit: { name: 'create, unit of work', server: product, requests: unitCreates(guarded) },
    unnoted: { name: 'floor: create without its audit entry', server: floor, requests: unnotedCreates(open) },
    floorCreate: { name: 'floor: create', server: floor, requests: creates(open) },
  } satisfies Record<string, Side>;
}

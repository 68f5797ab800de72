import { assertSameAnswers } from './agree.js';
import { firstMembers, fillControlPlane, USERS } from './control-plane-data.js';
import { type Bench, measure, type Ratios, ratiosOf, type Side } from './measure.js';
import { prepareDatabase } from './prepare.js';
import { type Line, MUST, type Must } from './report.js';
import { asks, type Caller, withTokens } from './requests.js';
import { type Server, startProduct, tokensFor } from './server.js';

const TENANTS = 1_000;

export interface ControlPlane {
  readonly groups: readonly (readonly Line[])[];
  readonly menus_me: Ratios;
  readonly users: Ratios;
}

/** One server, and those who ask it. */
interface Asked {
  readonly name: string;
  readonly server: Server;
  readonly callers: readonly Caller[];
}

/** What is asked of a tenant's control plane: the same calls for the same tenant alone and beside others. */
export async function measureControlPlane(bench: Bench): Promise<ControlPlane> {
  const alone = await start(bench, 'alone', 1);
  const among = await start(bench, 'among', TENANTS);
  const calls = [
    compared('menus', '/api/v1/menus/me', [alone, among]),
    compared('users', '/api/v1/users?limit=20', [alone, among]),
    compared('users, q=ada', '/api/v1/users?limit=20&q=ada', [alone, among]),
  ] as const;
  for (const [base, grown] of calls) await assertSameAnswers(base, grown);
  const samples = await measure(bench, calls.flat());
  await Promise.all([alone.server.stop(), among.server.stop()]);
  const ratios = ([base, grown]: Pair): Ratios => ratiosOf(samples.get(grown) ?? [], samples.get(base) ?? []);
  const lines = (pair: Pair, must: Must): Line[] => [
    { name: pair[0].name, samples: samples.get(pair[0]) ?? [] },
    { name: pair[1].name, samples: samples.get(pair[1]) ?? [], ratios: ratios(pair), must },
  ];
  const [menus, users, search] = calls;
  return {
    groups: [lines(menus, MUST.control_plane), lines(users, MUST.control_plane), lines(search, {})],
    menus_me: ratios(menus),
    users: ratios(users),
  };
}

async function start({ cluster }: Bench, name: string, tenants: number): Promise<Asked> {
  const database = await prepareDatabase(cluster, `bench_${name}`, (empty) => fillControlPlane(empty, tenants));
  const server = await startProduct(database);
  const people = await firstMembers(database);
  const callers = withTokens(people, await tokensFor(server, people));
  const beside = tenants === 1 ? 'alone' : `of ${String(tenants)} tenants`;
  return { name: `${String(USERS)} users, ${beside}`, server, callers };
}

type Pair = readonly [Side, Side];
const compared = (what: string, path: string, [alone, among]: readonly [Asked, Asked]): Pair => {
  const side = ({ name, server, callers }: Asked): Side => ({
    name: `${what}: ${name}`,
    server,
    requests: asks(callers, path),
  });
  return [side(alone), side(among)];
};

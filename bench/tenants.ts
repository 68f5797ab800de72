import { administrators, DATA, fill } from './data.js';
import { type Bench, measure, ratiosOf } from './measure.js';
import { prepareDatabase } from './prepare.js';
import { type Line, MUST } from './report.js';
import { type Caller, lists, withTokens } from './requests.js';
import { type Server, startProduct, tokensFor } from './server.js';

/** Rows of a tenant where there are so many of them that a hundred each would fill the disk; a page and one. */
const FEW_LEADS = 21;
const MANY_TENANTS = 10_000;

/** The same list, asked by the same number of people, beside a database with more tenants. */
export async function measureTenants(
  bench: Bench,
  few: Server,
  callers: readonly Caller[],
  count: number,
): Promise<{ lines: Line[]; ratio: number }> {
  const leads = count >= MANY_TENANTS ? FEW_LEADS : DATA.leads;
  const database = await prepareDatabase(bench.cluster, `bench_${String(count)}`, (empty) =>
    fill(empty, { organizations: count, members: 1, leads }),
  );
  const many = await startProduct(database);
  const people = await administrators(database, DATA.organizations);
  const base = { name: `${String(DATA.organizations)} tenants`, server: few, requests: lists(callers) };
  const requests = lists(withTokens(people, await tokensFor(many, people)));
  const grown = { name: `${String(count)} tenants`, server: many, requests };
  const samples = await measure(bench, [base, grown]);
  await many.stop();
  const [of, to] = [samples.get(grown) ?? [], samples.get(base) ?? []];
  const ratios = ratiosOf(of, to);
  const lines = [
    { name: base.name, samples: to },
    { name: grown.name, samples: of, ratios, must: MUST.tenants },
  ];
  return { lines, ratio: ratios.ratio };
}

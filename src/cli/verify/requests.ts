import { messageOf } from '../../common/errors.js';
import type { Tenancy } from '../../platform/tenancy/index.js';
import { organizationId, userId } from '../../../seeders/index.js';
import { Client, type Answer, tenantOf } from './client.js';
import { type Row, row, type Section } from './section.js';

/** A request that is made, by whom (null: nobody), and what must come of it. */
interface Trial {
  readonly by: string | null;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly status: number;
  readonly code?: string;
  readonly layer?: string;
  readonly total?: number;
}
const get = (by: string | null, path: string, status: number, more: Partial<Trial> = {}): Trial => ({
  by,
  method: 'GET',
  path,
  status,
  ...more,
});

const LEADS = '/crm/leads';
const ORDERS = '/manufacturing/orders';
const LOGIN = '/auth/login';

/** A login, and the three layers, asked by real requests of the demo users. */
export async function requests(url: string, password: string, tenancy: Tenancy): Promise<Section> {
  const client = new Client(url, password);
  const rows: Row[] = [];
  try {
    for (const trial of [...signIns(password), ...layers(), ...(await records(tenancy))])
      rows.push(await tried(client, trial));
  } finally {
    await client.signOut();
  }
  return { title: 'Requests', headings: ['request', 'by', 'expected', 'got'], rows };
}

const login = (email: string, password: string, expected: Partial<Trial> & { status: number }): Trial => ({
  by: null,
  method: 'POST',
  path: LOGIN,
  headers: tenantOf(email),
  body: { email, password },
  ...expected,
});
const signIns = (password: string): Trial[] => [
  login('admin@testcorp.com', password, { status: 200 }),
  login('nobody@testcorp.com', password, { status: 401, code: 'invalid_credentials' }),
  login('admin@umbrella.com', password, { status: 403, code: 'tenant_suspended', layer: 'tenant' }),
];

const layers = (): Trial[] => [
  get(null, LEADS, 401, { code: 'unauthenticated' }),
  get('superadmin@example.com', LEADS, 400, { code: 'tenant_required' }),
  get('superadmin@example.com', LEADS, 200, { headers: { 'x-tenant': 'acme' } }),
  get('admin@acme.com', LEADS, 403, { headers: { 'x-tenant': 'testcorp' }, code: 'tenant_mismatch', layer: 'tenant' }),
  get('admin@globex.com', LEADS, 200),
  get('admin@globex.com', ORDERS, 403, { code: 'not_entitled', layer: 'entitlement' }),
  get('admin@testcorp.com', ORDERS, 200),
  get('admin@initech.com', LEADS, 200),
  get('viewer@testcorp.com', LEADS, 200),
  {
    by: 'viewer@testcorp.com',
    method: 'POST',
    path: LEADS,
    body: { name: 'Nobody' },
    status: 403,
    code: 'permission_denied',
    layer: 'permission',
  },
];

/** Record scopes: what each sees must be what the table has of it; and a row of another tenant is not there. */
async function records(tenancy: Tenancy): Promise<Trial[]> {
  const [executive, manager] = [userId('testcorp', 'executive'), userId('testcorp', 'manager')];
  const [counted, [first]] = await tenancy.run(organizationId('testcorp'), async () => [
    await tenancy.read<{ own: number; team: number; all: number }>({
      text: `select count(*) filter (where owner_id = $1)::int as own, count(*) filter (where owner_id = any (array[$1, $2]::uuid[]))::int as team, count(*)::int as "all"
        from crm_leads where deleted_at is null`,
      values: [executive, manager],
    }),
    await tenancy.read<{ id: string }>({
      text: 'select id from crm_leads where deleted_at is null limit 1',
      values: [],
    }),
  ]);
  const { own = 0, team = 0, all = 0 } = counted[0] ?? {};
  const list = `${LEADS}?limit=1&with_total=true`;
  return [
    get('executive@testcorp.com', list, 200, { total: own }),
    get('manager@testcorp.com', list, 200, { total: team }),
    get('admin@testcorp.com', list, 200, { total: all }),
    ...(first === undefined ? [] : [get('admin@acme.com', `${LEADS}/${first.id}`, 404, { code: 'not_found' })]),
  ];
}

async function tried(client: Client, trial: Trial): Promise<Row> {
  const who = trial.by ?? (trial.body !== undefined && 'email' in trial.body ? String(trial.body.email) : 'nobody');
  const as = trial.headers === undefined ? who : `${who} (X-Tenant: ${trial.headers['x-tenant'] ?? ''})`;
  const cells = [`${trial.method} ${trial.path}`, as, told(trial)];
  try {
    const answer = await client.send(trial);
    return row([...cells, told(answer)], !matches(trial, answer) && `expected ${told(trial)}, got ${told(answer)}`);
  } catch (error) {
    const message = messageOf(error);
    return row([...cells, 'no answer'], message);
  }
}

const matches = (expected: Trial, got: Answer): boolean =>
  got.status === expected.status &&
  (expected.code === undefined || got.code === expected.code) &&
  (expected.layer === undefined || got.layer === expected.layer) &&
  (expected.total === undefined || got.total === expected.total);

const told = ({ status, code, layer, total }: Pick<Trial, 'status' | 'code' | 'layer' | 'total'>): string =>
  [status, code, layer && `layer ${layer}`, total === undefined ? undefined : `total ${String(total)}`]
    .filter(Boolean)
    .join(' ');

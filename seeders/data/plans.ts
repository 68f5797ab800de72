import { MODULES } from '../../src/platform/access/index.js';

/** What a license tier includes: modules.md, the table of plans. */
export interface PlanData {
  readonly code: string;
  readonly name: string;
  readonly modules: readonly string[];
  /** Module → days. */
  readonly trials: Readonly<Record<string, number>>;
  /** null is no limit. */
  readonly limits: Readonly<
    Record<'users' | 'storage_bytes' | 'api_calls_per_minute' | 'api_calls_per_month', number | null>
  >;
  /** A month, in USD. */
  readonly price: string;
}

const GIB = 1024 ** 3;
const keysOf = (kind: string): string[] => MODULES.filter((module) => module.kind === kind).map(({ key }) => key);

const free = [...keysOf('always_on'), 'boards', 'documents'];
const starter = [...free, 'crm', 'sales', 'inventory', 'api_keys'];
const professional = [...new Set([...starter, ...keysOf('licensed'), 'custom_roles', 'own_schema'])];
const enterprise = [...new Set([...professional, ...keysOf('feature')])];

export const PLANS: readonly PlanData[] = [
  {
    code: 'free',
    name: 'Free',
    modules: free,
    trials: { crm: 14 },
    limits: { users: 5, storage_bytes: GIB, api_calls_per_minute: 60, api_calls_per_month: 50_000 },
    price: '0.00',
  },
  {
    code: 'starter',
    name: 'Starter',
    modules: starter,
    trials: {},
    limits: { users: 25, storage_bytes: 20 * GIB, api_calls_per_minute: 300, api_calls_per_month: 1_000_000 },
    price: '49.00',
  },
  {
    code: 'professional',
    name: 'Professional',
    modules: professional,
    trials: {},
    limits: { users: 250, storage_bytes: 200 * GIB, api_calls_per_minute: 1_200, api_calls_per_month: 10_000_000 },
    price: '299.00',
  },
  {
    code: 'enterprise',
    name: 'Enterprise',
    modules: enterprise,
    trials: {},
    limits: { users: null, storage_bytes: null, api_calls_per_minute: 6_000, api_calls_per_month: null },
    price: '1499.00',
  },
];

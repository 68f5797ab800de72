/** Load is in bytes. */
export interface ServerLoad {
  readonly server: string;
  /** Tenants can be moved to it and away from it. */
  readonly isAvailable: boolean;
  readonly bytes: number;
}
export interface PlacedTenant {
  readonly tenant: string;
  readonly isolation: string;
  readonly server: string;
  readonly bytes: number;
  /** Its plan has databases of one's own: the only way to another server than the main one. */
  readonly mayHaveDatabase: boolean;
}
export interface ProposedMove extends PlacedTenant {
  readonly to: string;
  /** Of the two servers, before it. */
  readonly fromBytes: number;
  readonly toBytes: number;
}
export interface Rebalancing {
  readonly moves: readonly ProposedMove[];
  /** With these moves made. */
  readonly isBalanced: boolean;
}

/** Of the servers' mean load: those that are no further apart are balanced. */
const APART = 0.2;
/** Of the gap between two servers: a tenant that closes less of it is not worth a move. */
const WORTH = 0.1;

/** The few moves, each to the emptiest server, after which no two servers are further apart than a fifth of the mean. */
export function rebalance(servers: readonly ServerLoad[], tenants: readonly PlacedTenant[]): Rebalancing {
  const loads = new Map(servers.filter(({ isAvailable }) => isAvailable).map(({ server, bytes }) => [server, bytes]));
  const total = [...loads.values()].reduce((sum, bytes) => sum + bytes, 0);
  const apart = (APART * total) / Math.max(loads.size, 1);
  const left = new Set(tenants.filter(({ isolation, mayHaveDatabase }) => isolation === 'database' || mayHaveDatabase));
  const moves: ProposedMove[] = [];
  for (let move = nextMove(loads, left, apart); move !== undefined; move = nextMove(loads, left, apart)) {
    const { fromBytes, toBytes, ...tenant } = move;
    moves.push(move);
    loads.set(tenant.server, fromBytes - tenant.bytes);
    loads.set(tenant.to, toBytes + tenant.bytes);
    // nobody is moved twice
    for (const each of left) if (each.tenant === tenant.tenant) left.delete(each);
  }
  return { moves, isBalanced: Math.max(...loads.values()) - Math.min(...loads.values()) <= apart };
}

/** From the fullest server that has somebody who helps. */
function nextMove(
  loads: ReadonlyMap<string, number>,
  tenants: ReadonlySet<PlacedTenant>,
  apart: number,
): ProposedMove | undefined {
  const ordered = [...loads].sort(([, a], [, b]) => b - a);
  const [to, toBytes] = ordered.at(-1) ?? ['', 0];
  for (const [server, fromBytes] of ordered) {
    if (fromBytes - toBytes <= apart) return undefined;
    const here = [...tenants].filter((each) => each.server === server);
    const tenant = bestOf(here, fromBytes - toBytes, apart);
    if (tenant !== undefined) return { ...tenant, to, fromBytes, toBytes };
  }
  return undefined;
}

/** The smallest who closes the gap alone, else who leaves the least of it. */
function bestOf(tenants: readonly PlacedTenant[], gap: number, apart: number): PlacedTenant | undefined {
  const helpful = tenants.filter(({ bytes }) => bytes >= WORTH * gap && bytes < gap);
  const leaves = ({ bytes }: PlacedTenant): number => Math.abs(gap - 2 * bytes);
  const enough = helpful.filter((tenant) => leaves(tenant) <= apart).sort((a, b) => a.bytes - b.bytes);
  return enough[0] ?? helpful.sort((a, b) => leaves(a) - leaves(b))[0];
}

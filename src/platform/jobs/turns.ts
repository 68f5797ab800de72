/**
 * Whose turn it is on a node: of each kind every tenant that waits gets one job done before any gets a second, and no
 * tenant holds more than its share of the node.
 */
export class Turns {
  private readonly served = new Map<string, Set<string>>();
  private readonly running = new Map<string, number>();
  private readonly lastTaken = new Map<string, number>();
  private clock = 0;

  /** @param share jobs that one tenant may have running on this node */
  constructor(private readonly share: number) {}

  /** The kind that was taken from least lately. */
  kind(names: readonly string[]): string | undefined {
    const last = (name: string): number => this.lastTaken.get(name) ?? 0;
    return [...names].sort((a, b) => last(a) - last(b))[0];
  }

  /** Tenants that are passed over now. */
  passed(kind: string): string[] {
    const full = [...this.running].filter(([, count]) => count >= this.share).map(([tenant]) => tenant);
    return [...new Set([...(this.served.get(kind) ?? []), ...full])];
  }

  /** Everybody who waited has had one. False: nobody has, so there is no round to end. */
  endRound(kind: string): boolean {
    return this.served.delete(kind);
  }

  taken(kind: string, tenant?: string): void {
    this.lastTaken.set(kind, ++this.clock);
    if (tenant === undefined) return;
    this.served.set(kind, (this.served.get(kind) ?? new Set()).add(tenant));
    this.running.set(tenant, (this.running.get(tenant) ?? 0) + 1);
  }

  done(tenant: string): void {
    const left = (this.running.get(tenant) ?? 1) - 1;
    if (left === 0) this.running.delete(tenant);
    else this.running.set(tenant, left);
  }
}

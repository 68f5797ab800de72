import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CONFIG, type Config } from '../../config/index.js';
import { Freshness, type Stamp } from './freshness.js';
import { hostName, MAX_HOST, type HostName } from './host-name.js';

/** Who knows tenants by their names. The feature that keeps tenants implements it. */
export abstract class TenantDirectory {
  /** The one organization that is served while `ENABLE_MULTI_TENANCY` is false; undefined otherwise. */
  abstract readonly only: string | undefined;

  /** The id of the living organization of this code (without regard to case) or id; undefined when there is none. */
  abstract find(codeOrId: string): Promise<string | undefined>;

  /** The id of the living organization of this subdomain or verified domain; undefined when there is none. */
  abstract findByHost(host: HostName): Promise<string | undefined>;
}

interface Known {
  readonly organizationId: string;
  readonly stamp: Stamp;
  readonly period: number;
}

/** A host that names nobody, until then or the next change of any tenant. */
interface NamesNobody {
  /** In milliseconds of `performance.now()`; Infinity for one that cannot name anybody. */
  readonly until: number;
  readonly drops: number;
}
interface Asking {
  readonly answer: Promise<string | null>;
  readonly drops: number;
}

/** As many names as are remembered, of any tenants; and as many hosts. */
const MAX_NAMES = 10_000;
/** Milliseconds for which a host that names nobody is not asked about again, should a change go unheard. */
const NOBODY_MS = 2_000;

/** What tenants are called by in `X-Tenant` and by hosts, remembered until that tenant changes. */
@Injectable()
export class TenantNames {
  private readonly known = new LRUCache<string, Known>({ max: MAX_NAMES });
  /** By the text of the Host header. */
  private readonly hosts = new LRUCache<string, Known | NamesNobody>({ max: MAX_NAMES });
  private readonly asking = new Map<string, Asking>();

  constructor(
    private readonly directory: TenantDirectory,
    private readonly freshness: Freshness,
    @Inject(CONFIG) private readonly config: Pick<Config, 'baseDomain'>,
  ) {}

  get only(): string | undefined {
    return this.directory.only;
  }

  /** From memory, or undefined: then `find`. */
  peek(name: string): string | undefined {
    const known = this.known.get(name);
    return known !== undefined && this.mayUse(known) ? known.organizationId : undefined;
  }

  /** From the directory; undefined for a tenant that is not, which is asked again each time. */
  async find(name: string): Promise<string | undefined> {
    const { period, drops } = this.freshness;
    const organizationId = await this.directory.find(name);
    const known = this.toKeep(organizationId, period, drops);
    if (known !== undefined) this.known.set(name, known);
    return organizationId;
  }

  /**
   * The id of the tenant that a host names, from memory; null for none, and for any where one tenant alone is served.
   * Undefined: then `findByHost`.
   * @param host as `Host` has it, with its port
   */
  peekByHost(host: string | undefined): string | null | undefined {
    if (host === undefined || host.length > MAX_HOST || this.only !== undefined) return null;
    const known = this.hosts.get(host);
    if (known === undefined) return undefined;
    // the clock is only read for those whom it concerns
    if ('until' in known) return this.stillNobody(known) ? null : undefined;
    return this.mayUse(known) ? known.organizationId : undefined;
  }

  /** The same, from the directory where memory has it not: once for all who ask at the same time. */
  async findByHost(host: string | undefined): Promise<string | null> {
    const known = this.peekByHost(host);
    if (known !== undefined || host === undefined) return known ?? null;
    const { drops } = this.freshness;
    const running = this.asking.get(host);
    // one that began before a change is not for those who come after it
    if (running?.drops === drops) return running.answer;
    const answer = this.askByHost(host).finally(() => {
      if (this.asking.get(host)?.answer === answer) this.asking.delete(host);
    });
    this.asking.set(host, { answer, drops });
    return answer;
  }

  private async askByHost(host: string): Promise<string | null> {
    const name = hostName(host, this.config.baseDomain);
    if (name === undefined) {
      this.hosts.set(host, { until: Infinity, drops: 0 });
      return null;
    }
    const { period, drops } = this.freshness;
    // counted from before the answer: it may be as old
    const until = performance.now() + NOBODY_MS;
    const organizationId = await this.directory.findByHost(name);
    const known = organizationId === undefined ? { until, drops } : this.toKeep(organizationId, period, drops);
    if (known !== undefined) this.hosts.set(host, known);
    return organizationId ?? null;
  }

  private stillNobody({ until, drops }: NamesNobody): boolean {
    return until === Infinity || (drops === this.freshness.drops && until > performance.now());
  }

  private mayUse({ stamp, period }: Known): boolean {
    return this.freshness.trusted && stamp.fresh && period === this.freshness.period;
  }

  /** @param drops as it was before the directory was asked: whose stamp to take is known only now, so any change meanwhile may have been this tenant's */
  private toKeep(organizationId: string | undefined, period: number, drops: number): Known | undefined {
    if (organizationId === undefined || !this.freshness.trusted || drops !== this.freshness.drops) return undefined;
    return { organizationId, stamp: this.freshness.stampOf(organizationId), period };
  }
}

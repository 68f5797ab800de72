import { createHmac } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Conflict, invalid, PermissionDenied } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { SUPER_ADMIN } from '../../platform/access/index.js';
import { ResourceReader } from '../../platform/resources/index.js';
import type { TenantRow } from './tenant.dto.js';
import { isPlatforms, TenantsService } from './tenants.service.js';

const RECORD = '_tenantry';
const PREFIX = 'tenantry-verification=';
const VALUE_LENGTH = 32;
/** Milliseconds for an answer of the DNS, and how often it is asked. */
const ANSWER_MS = 2_000;
const TRIES = 2;

/** Proves that a domain is the tenant's own by a TXT record that only its holder can publish. */
@Injectable()
export class DomainVerification {
  private readonly logger = new Logger(DomainVerification.name);

  constructor(
    private readonly tenants: TenantsService,
    private readonly reader: ResourceReader,
    @Inject(CONFIG) private readonly config: Pick<Config, 'secretKey'>,
  ) {}

  /**
   * @param outright without asking the DNS, for the platform's people
   * @throws NotFound; Conflict without a domain, or for one that another tenant has proved; ValidationFailed at `domain`
   * with the record that is missing
   */
  async verify(id: string, outright: boolean): Promise<TenantRow> {
    if (outright && !isPlatforms()) throw PermissionDenied({ required: SUPER_ADMIN });
    const row = await this.reader.get(this.tenants.reachable(), id, 'update');
    if (row.domain === null) throw Conflict({ detail: 'The tenant has no domain to verify.' });
    if (row.domain_verified_at !== null) return row;
    if (!outright) await this.assertPublished(row.id, row.domain);
    return this.tenants.setVerified(id, row.domain);
  }

  private async assertPublished(id: string, domain: string): Promise<void> {
    const name = `${RECORD}.${domain.toLowerCase()}`;
    const value = PREFIX + this.valueFor(id, domain);
    const records = await this.textsOf(name);
    if (records.includes(value)) return;
    throw invalid('domain', 'not_verified', `publish a TXT record at ${name} with the text ${value}, and ask again`);
  }

  /** The same each time: nothing has to be kept until the record is there. */
  private valueFor(id: string, domain: string): string {
    const text = `domain ${id} ${domain.toLowerCase()}`;
    return createHmac('sha256', this.config.secretKey).update(text).digest('hex').slice(0, VALUE_LENGTH);
  }

  /** A record is in parts of 255 bytes. What the DNS does not answer is not published. */
  private async textsOf(name: string): Promise<string[]> {
    const resolver = new dns.Resolver({ timeout: ANSWER_MS, tries: TRIES });
    resolver.setServers(dns.getServers());
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    } catch (error) {
      this.logger.debug({ err: error, message: `no TXT record at ${name}` });
      return [];
    }
  }
}

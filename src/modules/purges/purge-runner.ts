import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { isProblem } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { LocationMaker, MAIN_SERVER, Pools } from '../../platform/database/index.js';
import { TenantPurges } from '../../platform/tenancy/index.js';

/**
 * How often it is looked for tenants whose time of grace is over, and for purges that somebody has left. Not at the start:
 * a command that is over sooner looks after nobody but whom it was called for.
 */
const SWEEP_MS = 120_000;

class Stopping extends Error {
  override readonly message = 'this node is shutting down; another one goes on';
}

/** Purges tenants whose time of grace is over, one after the other. A node without the mover's and the owner's login does not. */
@Injectable()
export class PurgeRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(PurgeRunner.name);
  private running: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly purges: TenantPurges,
    private readonly pools: Pools,
    private readonly maker: LocationMaker,
    @Inject(CONFIG) private readonly config: Pick<Config, 'tenantGraceMs'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Resolves once all have been tried that were due. */
  sweep(): Promise<void> {
    this.running = this.running
      .then(async () => {
        if (!this.pools.servers.has('mover', MAIN_SERVER) || !this.maker.canMake(MAIN_SERVER)) return;
        for (const id of await this.purges.due(this.config.tenantGraceMs)) await this.purge(id);
      })
      .catch((error: unknown) => {
        this.logger.warn({ err: error, message: 'deleted tenants are not looked after' });
      });
    return this.running;
  }

  /** What stands in its way now is tried again by the next sweep. */
  private async purge(id: string): Promise<void> {
    if (this.stopped) return;
    const stopping = (): void => {
      if (this.stopped) throw new Stopping();
    };
    try {
      const report = await this.purges.run(id, { kind: 'deleted', graceMs: this.config.tenantGraceMs }, stopping);
      const { code, ...counted } = report;
      this.logger.log({ message: `tenant ${code} is purged`, ...counted });
    } catch (error) {
      if (error instanceof Stopping || isProblem(error, 'conflict')) return;
      this.logger.warn({ err: error, message: `tenant ${id} is not purged yet` });
    }
  }
}

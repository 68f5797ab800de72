import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';
import { TenantDirectory } from '../../platform/access/index.js';
import { Provisioning } from './provisioning.js';

/** How often they are looked for. */
const SWEEP_MS = 60_000;
/** Minutes after which nobody is at work on one any more. */
const LEFT_AFTER = 1;

/** Looks after what a crash or a location that was away has left half-made; and makes the one tenant where there is one. */
@Injectable()
export class UnfinishedTenants implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UnfinishedTenants.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly provisioning: Provisioning,
    private readonly directory: TenantDirectory,
    @Inject(CONFIG) private readonly config: Pick<Config, 'multiTenancy' | 'defaultTenant'>,
  ) {}

  onApplicationBootstrap(): void {
    this.sweep();
    this.timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private sweep(): void {
    this.running = this.running
      .then(async () => {
        if (!this.config.multiTenancy) await this.makeTheOne();
        await this.provisioning.resume(LEFT_AFTER);
      })
      .catch((error: unknown) => {
        this.logger.warn({ err: error, message: 'tenants are left unfinished' });
      });
  }

  /** Two nodes that start at once: one finds the code taken. */
  private async makeTheOne(): Promise<void> {
    const { defaultTenant: code } = this.config;
    if ((await this.directory.find(code)) !== undefined) return;
    await this.provisioning.make(newId(), {
      tenant_code: code,
      tenant_name: code,
      admin_email: null,
      license_tier: 'enterprise',
    });
  }
}

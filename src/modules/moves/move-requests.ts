import { Inject, Injectable } from '@nestjs/common';
import { NotEntitled, NotFound } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { type AskCore, findScope, TenantMoves } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { EntitlementsService } from '../entitlements/index.js';
import { type OwnPlace, Placing } from '../tenants/index.js';
import { MovePlaces } from './move-places.js';

export interface AskedMove {
  readonly isolation: string;
  readonly server?: string | undefined;
}

/** What is asked of a tenant's place, judged before anything is made. */
@Injectable()
export class MoveRequests {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly entitlements: EntitlementsService,
    private readonly placing: Placing,
    private readonly places: MovePlaces,
    private readonly moves: TenantMoves,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sharedSchema'>,
  ) {}

  /**
   * Asks for a move of a living tenant. @returns its id; nobody has begun it yet
   * @throws NotFound; NotEntitled; ValidationFailed at `server`; Conflict when it is there, or being moved already
   */
  async add(organizationId: string, asked: AskedMove): Promise<string> {
    const [tenant] = await this.platform.query<{ id: string; code: string }>({
      text: 'select id, tenant_code as code from core.organizations where id = $1 and deleted_at is null',
      values: [organizationId],
    });
    if (tenant === undefined) throw NotFound();
    const place = this.placing.asked(asked, tenant);
    if (place !== undefined) await this.assertEntitled(organizationId, place);
    // the place is held until the move names it: else it could be dropped as one that is left
    return this.platform.transaction(async () => {
      const location = await this.places.locationOf(place, organizationId, this.config.sharedSchema);
      return this.noted(organizationId, (ask) => this.moves.request(organizationId, location, actorId(), ask));
    });
  }

  /** The way back of a move. @throws NotFound; Conflict */
  addBack(organizationId: string, moveId: string): Promise<string> {
    return this.noted(organizationId, (ask) => this.moves.rollBack(moveId, actorId(), ask));
  }

  /** A move is asked for and told of in one transaction. */
  private noted(organizationId: string, request: (ask: AskCore) => Promise<string>): Promise<string> {
    return this.platform.transaction(async (work) => {
      const id = await request((text, values) => work.query({ text, values }));
      await work.audit({ organizationId, action: 'create', resource: 'moves', resourceId: id });
      return id;
    });
  }

  /** Asked of the tenant, whoever asks for the move. */
  private async assertEntitled(organizationId: string, { isolation }: OwnPlace): Promise<void> {
    const feature = `own_${isolation}`;
    const { modules } = await this.entitlements.of(organizationId);
    const verdict = modules.find(({ module }) => module === feature);
    if (verdict?.entitled !== true)
      throw NotEntitled({
        required: feature,
        reason: verdict?.reason ?? 'not_in_plan',
        detail: `The tenant does not have ${feature}.`,
      });
  }
}

const actorId = (): string | null => findScope()?.actor.id ?? null;

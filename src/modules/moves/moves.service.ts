import { Inject, Injectable } from '@nestjs/common';
import { NotEntitled, NotFound } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import type { Page } from '../../common/pagination.js';
import { narrowed, ResourceReader } from '../../platform/resources/index.js';
import { findScope, TenantMoves } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { EntitlementsService } from '../entitlements/index.js';
import { type OwnPlace, Placing } from '../tenants/index.js';
import type { MoveRow } from './move.dto.js';
import { MovePlaces } from './move-places.js';
import { MoveRunner } from './move-runner.js';
import { Moves } from './moves.js';

export interface AskedMove {
  readonly isolation: string;
  readonly server?: string | undefined;
}

/** Moves of tenants, as they are asked for and looked at. */
@Injectable()
export class MovesService {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
    private readonly entitlements: EntitlementsService,
    private readonly placing: Placing,
    private readonly places: MovePlaces,
    private readonly moves: TenantMoves,
    private readonly runner: MoveRunner,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sharedSchema'>,
  ) {}

  /**
   * Asks for a move of a living tenant. @returns its id; nobody has begun it yet
   * @throws NotFound; NotEntitled; ValidationFailed at `server`; Conflict when it is there, or being moved already
   */
  async request(organizationId: string, asked: AskedMove): Promise<string> {
    const [tenant] = await this.platform.query<{ id: string; code: string }>({
      text: 'select id, tenant_code as code from core.organizations where id = $1 and deleted_at is null',
      values: [organizationId],
    });
    if (tenant === undefined) throw NotFound();
    const place = this.placing.asked(asked, tenant);
    if (place !== undefined) await this.assertEntitled(organizationId, place);
    const location = await this.places.locationOf(place, organizationId, this.config.sharedSchema);
    return this.moves.request(organizationId, location, actorId());
  }

  /** As `request`, and begins it here. */
  async begin(organizationId: string, asked: AskedMove): Promise<MoveRow> {
    const id = await this.request(organizationId, asked);
    this.runner.start(id);
    return this.get(organizationId, id);
  }

  list(organizationId: string, query: string): Promise<Page<MoveRow>> {
    return this.reader.list(this.of(organizationId), query);
  }

  /** @throws NotFound */
  get(organizationId: string, id: string): Promise<MoveRow> {
    return this.reader.get(this.of(organizationId), id);
  }

  /** Until it has switched; the source is as it was. @throws NotFound; Conflict */
  async abort(organizationId: string, id: string): Promise<MoveRow> {
    await this.get(organizationId, id);
    await this.moves.abort(id);
    return this.get(organizationId, id);
  }

  /** Goes on with one whose mover died. @throws NotFound */
  async resume(organizationId: string, id: string): Promise<MoveRow> {
    await this.get(organizationId, id);
    this.runner.start(id);
    return this.get(organizationId, id);
  }

  /** Back the same way, as a move of its own. @throws NotFound; Conflict */
  async rollBack(organizationId: string, id: string): Promise<MoveRow> {
    await this.get(organizationId, id);
    const back = await this.moves.rollBack(id, actorId());
    this.runner.start(back);
    return this.get(organizationId, back);
  }

  /** Asked of the tenant, whoever asks for the move. */
  private async assertEntitled(organizationId: string, { isolation }: OwnPlace): Promise<void> {
    const feature = `own_${isolation}`;
    const { modules } = await this.entitlements.of(organizationId);
    const verdict = modules.find(({ module }) => module === feature);
    if (verdict?.entitled !== true) throw NotEntitled({ required: feature, reason: verdict?.reason ?? 'not_in_plan' });
  }

  private of(organizationId: string) {
    return narrowed(Moves, {
      unit: this.platform,
      holding: 'global',
      where: (sql, row) => `${row}"organization_id" = ${sql.typed(organizationId, 'uuid')}`,
    });
  }
}

const actorId = (): string | null => findScope()?.actor.id ?? null;

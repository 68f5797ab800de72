import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/pagination.js';
import { NotFound } from '../../common/problem.js';
import { narrowed, ResourceReader } from '../../platform/resources/index.js';
import { auditInsert, TenantMoves } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { MoveRow } from './move.dto.js';
import { type AskedMove, MoveRequests } from './move-requests.js';
import { MoveRunner } from './move-runner.js';
import { Moves } from './moves.js';

/** Moves of tenants, as they are asked for and looked at. */
@Injectable()
export class MovesService {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
    private readonly requests: MoveRequests,
    private readonly moves: TenantMoves,
    private readonly runner: MoveRunner,
  ) {}

  /** Asks for a move, and begins it here. @throws as `MoveRequests.add` does */
  async start(organizationId: string, asked: AskedMove): Promise<MoveRow> {
    const id = await this.requests.add(organizationId, asked);
    this.runner.start(id);
    return this.get(organizationId, id);
  }

  /** Of a tenant that is not purged. @throws NotFound */
  async list(organizationId: string, query: string): Promise<Page<MoveRow>> {
    const known = await this.platform.query({
      text: 'select from core.organizations where id = $1',
      values: [organizationId],
    });
    if (known.length === 0) throw NotFound();
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
    await this.tell(organizationId, id, 'abort');
    return this.get(organizationId, id);
  }

  /** Goes on with one whose mover died. @throws NotFound */
  async resume(organizationId: string, id: string): Promise<MoveRow> {
    await this.get(organizationId, id);
    await this.tell(organizationId, id, 'resume');
    this.runner.start(id);
    return this.get(organizationId, id);
  }

  /** Back the same way, as a move of its own. @throws NotFound; Conflict */
  async rollBack(organizationId: string, id: string): Promise<MoveRow> {
    await this.get(organizationId, id);
    const back = await this.requests.addBack(organizationId, id);
    this.runner.start(back);
    return this.get(organizationId, back);
  }

  /** What is asked of a move is no change of a row: the mover makes it. */
  private async tell(organizationId: string, id: string, action: 'abort' | 'resume'): Promise<void> {
    const entry = { organizationId, action, resource: 'moves', resourceId: id };
    await this.platform.query(auditInsert('core.audit_log', [entry]));
  }

  private of(organizationId: string) {
    return narrowed(Moves, {
      unit: this.platform,
      holding: 'global',
      where: (sql, row) => `${row}"organization_id" = ${sql.typed(organizationId, 'uuid')}`,
    });
  }
}

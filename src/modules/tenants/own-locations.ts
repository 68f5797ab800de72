import { Injectable } from '@nestjs/common';
import { messageOf } from '../../common/errors.js';
import { newId } from '../../common/ids.js';
import { NotFound, Unavailable } from '../../common/problem.js';
import { LocationMaker, Pools } from '../../platform/database/index.js';
import { leased, type Placement, Tenancy } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { BoardDefaults } from '../boards/index.js';
import type { OwnPlace } from './placing.js';

/** A location of one tenant as core has it, with the tenant that it is made for. */
export interface OwnLocation extends OwnPlace {
  readonly id: string;
  readonly organizationId: string;
  readonly epoch: number;
}

/** In this order; each is recorded in `core.location_steps` and can be repeated. */
type StepName = 'tables' | 'fence' | 'defaults' | 'ready';
type Step = readonly [name: StepName, work: () => Promise<unknown>];

/** Makes locations of single tenants, in recorded steps: a crash anywhere between them is finished by a second run. */
@Injectable()
export class OwnLocations {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly pools: Pools,
    private readonly maker: LocationMaker,
    private readonly tenancy: Tenancy,
    private readonly boards: BoardDefaults,
  ) {}

  /**
   * From its end on the tenant is served. `bare`: without the rows that every tenant begins with.
   * @throws Unavailable where this process may make nothing on that server; Conflict while another process makes or undoes it
   */
  finish(location: OwnLocation, options: { readonly bare?: boolean } = {}): Promise<void> {
    return leased(this.pools.servers, location.organizationId, async () => {
      await this.assertWanted(location);
      await this.makeAll(location, options);
    });
  }

  /** Whoever undoes it has told core so before he gives it out of his hands. @throws NotFound */
  private async assertWanted({ id, organizationId }: OwnLocation): Promise<void> {
    const found = await this.platform.query({
      text: 'select from core.organizations where id = $1 and location_id = $2 and deleted_at is null',
      values: [organizationId, id],
    });
    if (found.length === 0) throw NotFound({ detail: 'This tenant is not to be made any more.' });
  }

  private async makeAll(location: OwnLocation, { bare = false }: { readonly bare?: boolean }): Promise<void> {
    const { organizationId, epoch, server, schemaName: schema } = location;
    const placement: Placement = { organizationId, epoch, server, database: this.databaseOf(location), schema };
    const fence = () =>
      this.pools.get('platform', placement).query({
        text: `insert into tenancy.fence (organization_id, epoch, state) values ($1, $2, 'active') on conflict do nothing`,
        values: [organizationId, epoch],
      });
    const defaults = () => this.tenancy.runAt(placement, () => this.boards.make());
    await this.run(location, [['fence', fence], ...(bare ? [] : [['defaults', defaults] as const])]);
  }

  /** For a tenant that is to be moved there: its tables, and nothing of the tenant. @throws Unavailable */
  makeReady(location: OwnPlace & { readonly id: string }): Promise<void> {
    return this.run(location, []);
  }

  /** @throws Unavailable where this process makes and drops nothing */
  assertCanMake(server: string): void {
    if (!this.maker.canMake(server)) throw Unavailable();
  }

  /** Its schema or database goes, with all that is in it. @throws Unavailable */
  async drop({ id, server, databaseName, schemaName }: OwnPlace & { readonly id: string }): Promise<void> {
    this.assertCanMake(server);
    await (databaseName === null
      ? this.maker.dropSchema(schemaName)
      : this.maker.dropDatabase({ server, database: databaseName, location: id }));
  }

  /** Its tables, then these steps, then it is ready. One is noted as ended with the next one's beginning. */
  private async run(location: OwnPlace & { readonly id: string }, between: readonly Step[]): Promise<void> {
    let migration = '';
    const tables = async () => {
      migration = await this.makeTables(location);
    };
    const ready = () => this.setReady(location.id, migration);
    let last: StepName | undefined;
    for (const [step, work] of [['tables', tables], ...between, ['ready', ready]] satisfies Step[]) {
      await this.noteStart(location.id, step, last);
      try {
        await work();
      } catch (error) {
        await this.noteEnd(location.id, step, messageOf(error));
        throw error;
      }
      last = step;
    }
  }

  private setReady(id: string, migration: string) {
    // the step ends with it: nobody looks again after one that is ready
    return this.platform.query({
      text: `with step as (update core.location_steps set finished_at = now(), last_error = null, updated_at = now() where location_id = $1 and step = 'ready')
        update core.locations set status = 'ready', migration = $2, last_error = null, updated_at = now()
        where id = $1 and status in ('provisioning', 'retired')`,
      values: [id, migration],
    });
  }

  private makeTables({ id, server, databaseName, schemaName }: OwnPlace & { readonly id: string }): Promise<string> {
    this.assertCanMake(server);
    if (databaseName === null) return this.maker.makeSchema(schemaName);
    return this.maker.makeDatabase({ server, database: databaseName, location: id });
  }

  private databaseOf({ databaseName }: OwnPlace): string {
    return databaseName ?? this.pools.main.database;
  }

  private noteStart(location: string, step: StepName, ended: StepName | undefined) {
    return this.platform.query({
      text: `with ended as (update core.location_steps set finished_at = now(), last_error = null, updated_at = now()
          where location_id = $2 and step = $4)
        insert into core.location_steps as s (id, location_id, step, attempts) values ($1, $2, $3, 1)
        on conflict (location_id, step) do update set attempts = s.attempts + 1, finished_at = null, updated_at = now()`,
      values: [newId(), location, step, ended ?? null],
    });
  }

  private noteEnd(location: string, step: StepName, error: string | null) {
    return this.platform.query({
      text: `update core.location_steps set finished_at = case when $3::text is null then now() end, last_error = $3, updated_at = now()
        where location_id = $1 and step = $2`,
      values: [location, step, error],
    });
  }
}

import { Injectable } from '@nestjs/common';
import { newId, ZERO_ID } from '../../common/ids.js';
import { Conflict } from '../../common/problem.js';
import { type PlatformTransaction, PlatformUnit } from '../../platform/tenancy/platform.js';
import { type MoveRecord, MoveTargets } from '../../platform/tenancy/index.js';
import { OwnLocations, type OwnPlace } from '../tenants/index.js';

interface Left {
  readonly isolation: OwnPlace['isolation'];
  readonly server: string;
  readonly database_name: string | null;
  readonly schema_name: string;
}

/** Of a tenant's own place that a move has named, and where no move has anything to do any more. */
const LEFT = `l.isolation <> 'shared' and l.status <> 'retired'
  and not exists (select from core.organizations o where o.location_id = l.id)
  and exists (select from core.moves m where l.id in (m.from_location_id, m.to_location_id))
  and not exists (select from core.moves m where m.finished_at is null and l.id in (m.from_location_id, m.to_location_id))
  and not exists (select from core.moves m where m.cleaned_at is null
    and case when m.status = 'done' then m.from_location_id else m.to_location_id end = l.id)`;

/** The locations that tenants come to and leave. */
@Injectable()
export class MovePlaces extends MoveTargets {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly own: OwnLocations,
  ) {
    super();
  }

  /** The location of a place; one that is left, or half-made, is taken up again. @throws Conflict when another tenant has it */
  async locationOf(place: OwnPlace | undefined, organizationId: string, sharedSchema: string): Promise<string> {
    if (place === undefined) return this.shared(sharedSchema);
    const { isolation, server, databaseName, schemaName } = place;
    return this.platform.transaction(async (work) => {
      const query = work.query.bind(work);
      const at = [server, databaseName, schemaName];
      const [known] = await query<{ id: string; taken: boolean }>({
        text: `select l.id, exists (select from core.organizations o where o.location_id = l.id and o.id <> $4) as taken
          from core.locations l where l.server = $1 and l.database_name is not distinct from $2 and l.schema_name = $3 for update`,
        values: [...at, organizationId],
      });
      if (known?.taken === true) throw Conflict({ detail: 'Another tenant stands at that place.' });
      if (known !== undefined) {
        await query({
          text: `update core.locations set status = 'provisioning', migration = null, updated_at = now() where id = $1 and status = 'retired'`,
          values: [known.id],
        });
        return known.id;
      }
      const id = newId();
      await query({
        text: `insert into core.locations (id, isolation, server, database_name, schema_name) values ($4, $5, $1, $2, $3)`,
        values: [...at, id, isolation],
      });
      await work.audit({ organizationId: ZERO_ID, action: 'create', resource: 'locations', resourceId: id });
      return id;
    });
  }

  /** Makes what a tenant is to come to, in recorded steps. @throws Unavailable where this process may make nothing there */
  async prepare({ to }: MoveRecord): Promise<void> {
    const { id, isolation, server, database, schema } = to;
    if (isolation === 'shared' || to.status === 'ready') return;
    const databaseName = isolation === 'database' ? database : null;
    await this.own.makeReady({ id, isolation, server, databaseName, schemaName: schema });
  }

  /**
   * Drops a place of one tenant's own that nobody stands at, comes to or may go back to. Whoever wants to come there
   * meanwhile waits for the end of it, and makes it anew.
   */
  async retire(id: string): Promise<void> {
    // before anything of it goes: where this ends half-way, nobody takes what is left for a place that is whole
    await this.whereLeft(id, (work, { server }) => {
      this.own.assertCanMake(server);
      return setStatus(work, id, 'provisioning');
    });
    await this.whereLeft(id, async (work, { isolation, server, database_name, schema_name }) => {
      await this.own.drop({ id, isolation, server, databaseName: database_name, schemaName: schema_name });
      await setStatus(work, id, 'retired');
    });
  }

  /** The ids of the places that can be retired, by what core knows now: one that could not be yet is found again. */
  async left(): Promise<string[]> {
    const rows = await this.platform.query<{ id: string }>({
      text: `select l.id from core.locations l where ${LEFT}`,
      values: [],
    });
    return rows.map(({ id }) => id);
  }

  /** Works on a place that is left, while nobody can ask for a move there. */
  private whereLeft(
    id: string,
    work: (transaction: PlatformTransaction, left: Left) => Promise<unknown>,
  ): Promise<void> {
    return this.platform.transaction(async (transaction) => {
      await transaction.query({ text: 'select from core.locations where id = $1 for update', values: [id] });
      // what was asked for until then is seen only by a statement that begins after it
      const [left] = await transaction.query<Left>({
        text: `select l.isolation, l.server, l.database_name, l.schema_name from core.locations l where l.id = $1 and ${LEFT}`,
        values: [id],
      });
      if (left !== undefined) await work(transaction, left);
    });
  }

  private async shared(schema: string): Promise<string> {
    const [shared] = await this.platform.query<{ id: string }>({
      text: `select id from core.locations where isolation = 'shared' and server = 'main' and database_name is null and schema_name = $1`,
      values: [schema],
    });
    if (shared === undefined) throw new Error(`there is no shared location ${schema}`);
    return shared.id;
  }
}

const setStatus = (work: PlatformTransaction, id: string, status: 'provisioning' | 'retired') =>
  work.query({
    text: `update core.locations set status = $2, migration = null, updated_at = now() where id = $1`,
    values: [id, status],
  });

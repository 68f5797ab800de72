import pg from 'pg';
import { messageOf } from '../../common/errors.js';
import { grantsOnDatabase } from './grants.js';
import { KnownLocations, type MigrationFailure } from './known-locations.js';
import { LocationMaker } from './location-maker.js';
import {
  type AppliedMigration,
  type MigratedSchema,
  type MigrationStatus,
  type MigrationStep,
  makeLedger,
  nameOfPlace,
  PlaceBusy,
  readLedger,
  runMigrations,
  statusOf,
} from './migrated-schema.js';
import { markOlder } from './own-databases.js';
import { OwnerConnection } from './owner-connection.js';
import { QUEUE_SCHEMA } from './policies.js';
import { type DatabaseAt, type DatabaseUrls, Servers } from './servers.js';

/** A migration that would run at a place. */
export interface PlannedMigration extends MigratedSchema {
  readonly name: string;
}
/** Which migrations: all of them, up or down to a name (kept), or a number of them. One that several places have is one. */
export interface MigrationTarget {
  readonly to?: string;
  readonly steps?: number;
  /** Of one location alone, by its id. Upwards core is migrated all the same. */
  readonly location?: string;
}
/** Downwards nothing said is one step. */
export interface DownTarget extends MigrationTarget {
  readonly all?: boolean;
}
export interface FleetOptions {
  /** So many own locations first: the rest only when each of them succeeded. */
  readonly canary?: number;
  /** Locations at once. */
  readonly concurrency?: number;
  /** Only what an earlier run left: places with something pending, or that failed. */
  readonly resume?: boolean;
  /** The rights of the logins anew, even where nothing is applied. */
  readonly rights?: boolean;
}
export interface MigratorEvents {
  readonly onStep?: (step: MigrationStep) => void;
  readonly onFailure?: (failure: MigrationFailure) => void;
}

/** Some locations could not be migrated, the others were. The message has a line for each. */
export class MigrationsFailed extends Error {
  constructor(
    readonly failures: readonly MigrationFailure[],
    readonly steps: readonly MigrationStep[],
  ) {
    super(failures.map(({ message }) => message).join('\n'));
  }
}

/** What migrates one place after the other: pg takes one statement of a connection at a time. */
interface Worker {
  readonly core: OwnerConnection;
  readonly there: OwnerConnection;
}

const CONCURRENCY = 4;
const RUNNER_LOCK = `hashtextextended('tenantry:migrator', 0)`;
/** Held shared by whoever moves a tenant from or to a location, alone by whoever changes its tables. */
export const LOCATION_LOCK = (parameter: string): string => `hashtextextended('location:' || ${parameter}, 0)`;

/**
 * Migrates core, then every location wherever it is, as the owner. Two runners at once: one works, the other waits and
 * finds it done. A location that fails is noted with its error, the others go on.
 */
export class Migrator {
  private readonly servers: Servers;
  private readonly known: KnownLocations;
  private readonly maker: LocationMaker;

  constructor(
    urls: DatabaseUrls,
    private readonly sharedSchema: string,
    private readonly events: MigratorEvents = {},
  ) {
    this.servers = new Servers(urls);
    this.known = new KnownLocations(this.servers, sharedSchema);
    this.maker = new LocationMaker(urls);
  }

  /**
   * Applies what is pending. Stops with its name at an applied migration whose checksum has changed. Throws
   * MigrationsFailed at the end when locations were left behind; a second run does only what is left.
   */
  migrate(target: MigrationTarget = {}, options: FleetOptions = {}): Promise<MigrationStep[]> {
    return this.locked(async (main) => {
      const steps: MigrationStep[] = [];
      const [core, ...before] = await this.statuses(main, target);
      const wanted = wantedUp([core, ...before], target);
      const anew = { anew: options.rights === true };
      this.tell(await runMigrations(main, core, core.pending.filter(wanted), 'up', anew), steps);
      const isNew = await this.known.ensureShared(main);
      // a fleet is asked once: only what core has learnt meanwhile is another question
      const statuses = isNew || steps.length > 0 ? (await this.statuses(main, target)).slice(1) : before;
      const failures = await this.fleet(statuses, wanted, options, steps);
      if (failures.length > 0) throw new MigrationsFailed(failures, steps);
      return steps;
    });
  }

  /** Takes back the latest ones: in the tenant plane first, since it leans on core. */
  down(target: DownTarget): Promise<MigrationStep[]> {
    return this.locked(async (main) => {
      const steps: MigrationStep[] = [];
      const [core, ...locations] = await this.statuses(main, target);
      const places = target.location === undefined ? [core, ...locations] : locations;
      for (const { status, names } of takenBack(places, target))
        await this.oneByOne(main, status, names, 'down', steps);
      return steps;
    });
  }

  /** Notes migrations as applied without running them: for a database that was made otherwise. */
  stamp(target: MigrationTarget = {}): Promise<MigrationStep[]> {
    return this.locked(async (main) => {
      const statuses = await this.statuses(main, target);
      const wanted = wantedUp(statuses, target);
      const steps: MigrationStep[] = [];
      for (const status of statuses) await this.oneByOne(main, status, status.pending.filter(wanted), 'stamp', steps);
      await this.known.ensureShared(main);
      for (const { plane, ...place } of statuses)
        if (plane === 'tenant') await this.known.noteReady(main, { plane, ...place }, steps.filter(isAt(place)));
      return steps;
    });
  }

  /**
   * Drops core, every location, the half-made among them, the queue and the schema `tenancy`, with all that is in them; databases
   * that belong to one tenant as a whole, once nobody is connected any more. Gives their names.
   */
  drop(): Promise<string[]> {
    return this.locked(async (main) => {
      const places = await this.known.listAll(main);
      const own = places.filter((place) => !this.servers.isMain(place));
      for (const { server, database, location } of own)
        if (location !== undefined) await this.maker.dropDatabase({ server, database, location });
      const schemas = places.filter((place) => this.servers.isMain(place)).map(({ schema }) => schema);
      // core last: while it stands, a second run still finds the locations
      const dropped = [...new Set([...schemas, this.sharedSchema]), 'tenancy', QUEUE_SCHEMA, this.core.schema];
      await main.query(`set lock_timeout = '10s'`);
      for (const schema of dropped) await main.query(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade`);
      return [...own.map((place) => nameOfPlace(place, this.servers.main)), ...dropped];
    });
  }

  /** What is applied and pending in core and in each location. Changes nothing: of a new database all is pending. */
  status(target: MigrationTarget = {}): Promise<MigrationStatus[]> {
    return this.connected(this.servers.main, (main) => this.statuses(main, target));
  }

  /** What `migrate` or `down` would do with this target, in its order. Changes nothing. */
  async plan(direction: 'up' | 'down', target: DownTarget = {}): Promise<PlannedMigration[]> {
    const statuses = await this.status(target);
    const wanted = wantedUp(statuses, target);
    const places =
      direction === 'down'
        ? takenBack(statuses, target)
        : statuses.map((status) => ({ status, names: status.pending.filter(wanted) }));
    return places.flatMap(({ status, names }) => names.map((name) => ({ ...placeOf(status), name })));
  }

  /** What a place is called in lines for people. */
  nameOf(place: MigratedSchema): string {
    return nameOfPlace(place, this.servers.main);
  }

  private get core(): MigratedSchema {
    return { plane: 'core', schema: 'core', ...this.servers.main };
  }

  private tell(done: readonly MigrationStep[], steps: MigrationStep[]): void {
    for (const step of done) this.events.onStep?.(step);
    steps.push(...done);
  }

  /** The canaries one by one, then the others at once; a canary that fails keeps the others from it. */
  private async fleet(
    statuses: readonly MigrationStatus[],
    wanted: Wanted,
    { canary = 0, concurrency = CONCURRENCY, resume = false, rights = false }: FleetOptions,
    steps: MigrationStep[],
  ): Promise<MigrationFailure[]> {
    const failures: MigrationFailure[] = [];
    const migrateOne = async ({ core, there }: Worker, status: MigrationStatus): Promise<void> => {
      const main = await core.at(this.servers.main);
      try {
        if (status.fault !== undefined) throw new PlaceBusy(`${this.nameOf(status)}: ${status.fault}`);
        const client = await there.at(status);
        const names = status.pending.filter(wanted);
        const work = async (): Promise<void> => {
          await makeLedger(client);
          const done = await runMigrations(client, status, names, 'up', { anew: rights });
          await this.markAndGrant(client, status, rights);
          this.tell(done, steps);
          await this.known.noteReady(main, status, done);
        };
        // where nothing is changed nobody is in the way
        await (names.length > 0 ? this.alone(main, status, work) : work());
      } catch (error) {
        const failure = { ...placeOf(status), message: messageOf(error), busy: error instanceof PlaceBusy };
        await this.known.noteFailure(main, failure);
        this.events.onFailure?.(failure);
        failures.push(failure);
      }
    };
    const due = statuses.filter(({ pending, hasFailed }) => !resume || pending.length > 0 || hasFailed === true);
    const first = due.filter(({ schema }) => schema !== this.sharedSchema).slice(0, canary);
    await this.inParallel(first, 1, migrateOne);
    if (failures.length > 0) return failures;
    await this.inParallel(
      due.filter((status) => !first.includes(status)),
      concurrency,
      migrateOne,
    );
    return failures;
  }

  /** Of a database that is one tenant's. */
  private async markAndGrant(client: pg.Client, place: MigratedSchema, rights: boolean): Promise<void> {
    const { server, database, location } = place;
    if (this.servers.isMain(place) || location === undefined) return;
    await markOlder(client, { server, database, location });
    if (rights) await client.query(grantsOnDatabase(database).join('; '));
  }

  /** Each worker keeps its connection while the database is the same. */
  private async inParallel<Place>(
    places: readonly Place[],
    concurrency: number,
    work: (worker: Worker, place: Place) => Promise<void>,
  ): Promise<void> {
    const queue = [...places].reverse();
    const runWorker = async (): Promise<void> => {
      const worker: Worker = { core: new OwnerConnection(this.servers), there: new OwnerConnection(this.servers) };
      try {
        for (let place = queue.pop(); place !== undefined; place = queue.pop()) await work(worker, place);
      } finally {
        await worker.there.end();
        await worker.core.end();
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, runWorker));
  }

  /** Moves and migrations of a location keep out of each other's way. Locks of one session do not: each place comes once. */
  private async alone<T>(main: pg.Client, { location, ...place }: MigratedSchema, work: () => Promise<T>): Promise<T> {
    const lock = LOCATION_LOCK('$1::text');
    const { rows } = await main.query<{ free: boolean }>(`select pg_try_advisory_lock(${lock}) as free`, [location]);
    if (rows[0]?.free === false) throw new PlaceBusy(`${this.nameOf({ ...place })}: a tenant is being moved`);
    try {
      return await work();
    } finally {
      await main.query(`select pg_advisory_unlock(${lock})`, [location]);
    }
  }

  private async oneByOne(
    main: pg.Client,
    status: MigrationStatus,
    names: readonly string[],
    direction: 'down' | 'stamp',
    steps: MigrationStep[],
  ): Promise<void> {
    if (status.fault !== undefined) throw new Error(`${this.nameOf(status)}: ${status.fault}`);
    const work = async (client: pg.Client): Promise<void> => {
      await makeLedger(client);
      const done = await runMigrations(client, status, names, direction);
      this.tell(done, steps);
      if (status.plane === 'tenant') await this.known.noteReady(main, status, done);
    };
    await (this.servers.isMain(status) ? work(main) : this.connected(status, work));
  }

  /** Of core, then of each location in the order in which they were made. Before core is there, the shared one alone. */
  private async statuses(
    main: pg.Client,
    { location }: MigrationTarget,
  ): Promise<[MigrationStatus, ...MigrationStatus[]]> {
    const ledger = await readLedger(main);
    const known = await this.known.list(main, location);
    const shared: MigratedSchema = { plane: 'tenant', schema: this.sharedSchema, ...this.servers.main };
    const locations = known.length > 0 || location !== undefined ? known : [shared];
    const statuses = new Map<MigratedSchema, MigrationStatus>();
    for (const place of locations.filter((each) => this.servers.isMain(each)))
      statuses.set(place, await statusOf(place, ledger.get(place.schema)));
    const elsewhere = locations.filter((each) => !this.servers.isMain(each));
    await this.inParallel(elsewhere, CONCURRENCY, async ({ there }, place) => {
      statuses.set(place, await this.statusElsewhere(there, place));
    });
    return [
      await statusOf(this.core, ledger.get(this.core.schema)),
      ...locations.flatMap((place) => statuses.get(place) ?? []),
    ];
  }

  private async statusElsewhere(there: OwnerConnection, place: MigratedSchema): Promise<MigrationStatus> {
    let ledger: Map<string, AppliedMigration[]>;
    try {
      ledger = await readLedger(await there.at(place));
    } catch (error) {
      return { ...place, applied: [], pending: [], fault: messageOf(error) };
    }
    return statusOf(place, ledger.get(place.schema));
  }

  private locked<T>(work: (main: pg.Client) => Promise<T>): Promise<T> {
    return this.connected(this.servers.main, async (main) => {
      await main.query(`select pg_advisory_lock(${RUNNER_LOCK})`);
      await makeLedger(main);
      return work(main);
    });
  }

  /** The locks go with the connection, so a runner that dies leaves nothing behind. */
  private async connected<T>(at: DatabaseAt, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const worker = new OwnerConnection(this.servers);
    try {
      return await work(await worker.at(at));
    } finally {
      await worker.end();
    }
  }
}

const isAt =
  (place: Omit<MigratedSchema, 'plane'>) =>
  ({ server, database, schema }: MigratedSchema): boolean =>
    server === place.server && database === place.database && schema === place.schema;
const placeOf = ({ plane, server, database, schema, location }: MigratedSchema): MigratedSchema => ({
  plane,
  server,
  database,
  schema,
  ...(location === undefined ? {} : { location }),
});

type Wanted = (name: string) => boolean;
const namesOf = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Whether a target asks for a pending migration. */
function wantedUp(statuses: readonly MigrationStatus[], { to, steps }: MigrationTarget): Wanted {
  if (to !== undefined) return (name) => name <= to;
  if (steps === undefined) return () => true;
  const next = new Set(namesOf(statuses.flatMap(({ pending }) => pending)).slice(0, steps));
  return (name) => next.has(name);
}

/** What a target takes back at each place, the latest first; core after the locations. */
function takenBack(statuses: readonly MigrationStatus[], { all = false, to, steps = 1 }: DownTarget) {
  const latest = new Set(namesOf(statuses.flatMap(({ applied }) => applied.map(({ name }) => name))).slice(-steps));
  const wanted: Wanted = (name) => all || (to === undefined ? latest.has(name) : name > to);
  return [...statuses].reverse().map((status) => {
    const names = status.applied.map(({ name }) => name).reverse();
    return { status, names: names.filter(wanted) };
  });
}

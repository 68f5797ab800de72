import {
  Configuration,
  type EntityClass,
  EventManager,
  type LoggingOptions,
  MikroORM,
  type SessionContext,
} from '@mikro-orm/core';
import { EntityManager, type Options, PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { type Kysely, PostgresDialect } from 'kysely';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { type DatabaseAt, EVERY_ORGANIZATION, type Pools } from '../database/index.js';
import type { Placement, Scope } from './scope.js';
import { WriteSubscriber } from './write.subscriber.js';

const literal = (value: string): string => pg.escapeLiteral(value);
type Variables = Record<string, string>;

/** Every BEGIN of a plane, the implicit ones included, passes through `enter`. */
// @ts-expect-error applySessionContext is private in MikroORM's types only; a contract test holds it
abstract class EnteringConnection extends PostgreSqlConnection {
  abstract statement(variables: Variables): string;

  override async applySessionContext(
    transaction: Kysely<unknown>,
    session: SessionContext,
    log?: LoggingOptions,
  ): Promise<void> {
    // literals, so that the statement travels in one simple message with the BEGIN that the client holds back
    await this.execute(this.statement(session.variables as Variables), [], 'run', transaction, log);
  }
}
class TenantConnection extends EnteringConnection {
  statement({ organization = '', epoch = '', user = '', schema = '' }: Variables): string {
    const actor = user === '' ? 'null' : literal(user);
    return `select tenancy.enter(${literal(organization)}, ${String(Number(epoch))}, ${actor}), pg_catalog.set_config('search_path', ${literal(schema)}, true)`;
  }
}
class CoreConnection extends EnteringConnection {
  statement({ organization = '', user = '', sees = 'self' }: Variables): string {
    return `select core.enter(${literal(organization)}, ${user === '' ? 'null' : literal(user)}, ${literal(sees)})`;
  }
}
const driverOf = (connection: new (config: Configuration, options: undefined, type: 'write') => unknown) =>
  class extends PostgreSqlDriver {
    constructor(config: Configuration) {
      super(config);
      Object.assign(this, { connection: new connection(config, undefined, 'write') });
    }
  };
const TenantDriver = driverOf(TenantConnection);
const CoreDriver = driverOf(CoreConnection);

/** Drivers of further databases that are kept, of 10 kB each; making one takes 0.04 ms. */
const MAX_DRIVERS = 2_000;

/** The two sets of metadata over the process's pools, and one cheap driver for each further database of tenants. */
export class Orms {
  private readonly tenantByDatabase = new LRUCache<string, EntityManager>({ max: MAX_DRIVERS });

  private constructor(
    private readonly pools: Pools,
    private readonly tenantOrm: MikroORM,
    private readonly coreOrm: MikroORM,
    private readonly platformOrm: MikroORM,
  ) {}

  static async init(pools: Pools, coreEntities: EntityClass[], tenantEntities: EntityClass[]): Promise<Orms> {
    const main = pools.main;
    return new Orms(
      pools,
      await MikroORM.init(optionsOf(pools, 'app', main, tenantEntities, TenantDriver, 'tenant')),
      await MikroORM.init(optionsOf(pools, 'app', main, coreEntities, CoreDriver, 'core')),
      await MikroORM.init(optionsOf(pools, 'platform', main, coreEntities, PostgreSqlDriver, 'platform')),
    );
  }

  /** A fresh EntityManager, bound to one tenant for life. */
  tenant(placement: Placement, { actor }: Scope): EntityManager {
    const { organizationId, epoch, schema } = placement;
    const variables = { organization: organizationId, epoch, user: actor.id ?? '', schema };
    return fork(this.tenantEm(placement), organizationId, variables);
  }

  core(organizationId: string, { actor, snapshot }: Scope): EntityManager {
    const sees = snapshot?.seesUsers ?? (actor.kind === 'system' ? 'all' : 'self');
    return fork(this.coreOrm.em as EntityManager, organizationId, {
      organization: organizationId,
      user: actor.id ?? '',
      sees,
    });
  }

  platform(): EntityManager {
    return fork(this.platformOrm.em as EntityManager, EVERY_ORGANIZATION);
  }

  async close(): Promise<void> {
    await Promise.all([this.tenantOrm.close(), this.coreOrm.close(), this.platformOrm.close()]);
  }

  /** Shares the metadata: nothing is discovered again, no connection is opened before the first query. */
  private tenantEm(at: DatabaseAt): EntityManager {
    if (this.pools.servers.isMain(at)) return this.tenantOrm.em as EntityManager;
    const known = this.tenantByDatabase.get(keyOf(at));
    if (known !== undefined) return known;
    const metadata = this.tenantOrm.getMetadata();
    const config = new Configuration(optionsOf(this.pools, 'app', at, [], TenantDriver, 'tenant') as never, false);
    const driver = config.getDriver() as PostgreSqlDriver;
    driver.setMetadata(metadata);
    const em = new EntityManager(config, driver, metadata, false, new EventManager([new WriteSubscriber('audit_log')]));
    this.tenantByDatabase.set(keyOf(at), em);
    return em;
  }
}

const keyOf = ({ server, database }: DatabaseAt): string => `${server}/${database}`;

function optionsOf(
  pools: Pools,
  login: 'app' | 'platform',
  at: DatabaseAt,
  entities: EntityClass[],
  driver: typeof PostgreSqlDriver,
  contextName: string,
): Options {
  const pool = pools.get(login, at);
  return {
    dbName: at.database,
    driver,
    entities,
    contextName,
    allowGlobalContext: false,
    // a link to a row that the filter hides (a guest’s person, at home elsewhere) would hide the row that has it
    autoJoinRefsForFilters: false,
    ensureDatabase: false,
    discovery: { checkDuplicateFieldNames: false },
    // the pool is the project's: an ORM that closes must not end it
    driverOptions: new PostgresDialect({
      pool: { connect: () => pool.connect(), end: () => Promise.resolve() } as never,
      cursor: Cursor,
    }),
    subscribers: [new WriteSubscriber(contextName === 'tenant' ? 'audit_log' : 'core.audit_log')],
  };
}

function fork(
  em: EntityManager,
  organizationId: string | typeof EVERY_ORGANIZATION,
  variables?: Record<string, string | number>,
): EntityManager {
  // useContext: with true, the EntityManager of one tenant used inside another's transaction answered with its rows.
  // disableContextResolution: without it, one that is forked there took the other's database
  const forked = em.fork({
    ...{ useContext: false, disableContextResolution: true },
    ...(variables === undefined ? {} : { session: { variables } }),
  });
  forked.setFilterParams('tenant', { organizationId });
  return forked;
}

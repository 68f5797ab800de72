import { Injectable } from '@nestjs/common';
import { invalid, NotEntitled } from '../../common/problem.js';
import { MAIN_SERVER, Pools, TENANT_SCHEMA } from '../../platform/database/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { isSchemaName, locationName } from './location-names.js';

/** What is asked for; a schema's name by default follows from the tenant's code and id. */
export interface AskedPlace {
  readonly isolation?: string | undefined;
  readonly server?: string | undefined;
  readonly schemaName?: string | undefined;
}
/** A location of one tenant alone, before it is made. */
export interface OwnPlace {
  readonly isolation: 'schema' | 'database';
  readonly server: string;
  /** null: the main database. */
  readonly databaseName: string | null;
  readonly schemaName: string;
}

interface Named {
  readonly code: string;
  readonly id: string;
}

/** Where tenants may be put. */
@Injectable()
export class Placing {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly pools: Pools,
  ) {}

  /**
   * Of a tenant that is to be made with such a plan. undefined: the shared tables.
   * @throws ValidationFailed at `server`, `schema_name` for what is not served; NotEntitled
   */
  async placeOf(asked: AskedPlace, plan: string, tenant: Named): Promise<OwnPlace | undefined> {
    const place = this.asked(asked, tenant);
    if (place !== undefined) await this.assertInPlan(plan, place.isolation);
    if (asked.schemaName !== undefined) await this.assertFree(asked.schemaName);
    return place;
  }

  /** The place alone, whatever the tenant may have. @throws ValidationFailed */
  asked(
    { isolation = 'shared', server = MAIN_SERVER, schemaName }: AskedPlace,
    { code, id }: Named,
  ): OwnPlace | undefined {
    if (isolation !== 'database' && server !== MAIN_SERVER)
      throw invalid('server', 'not_here', 'must be main: shared tables and schemas are in the main database');
    if (!this.pools.servers.names().includes(server))
      throw invalid('server', 'not_found', `must be one of ${this.pools.servers.names().join(', ')}`);
    if (schemaName !== undefined && (isolation !== 'schema' || !isSchemaName(schemaName)))
      throw invalid('schema_name', 'is_schema_name', 'must name a schema by a-z, 0-9 and _, and no reserved one');
    if (isolation !== 'schema' && isolation !== 'database') return undefined;
    return ownPlace(isolation, server, schemaName ?? locationName(code, id));
  }

  /** A name that somebody chose may be that of a schema which has nothing to do with the product. */
  private async assertFree(schema: string): Promise<void> {
    const found = await this.platform.query({ text: 'select from pg_namespace where nspname = $1', values: [schema] });
    if (found.length > 0) throw invalid('schema_name', 'is_free', 'must be that of no schema that is there already');
  }

  private async assertInPlan(planCode: string, isolation: OwnPlace['isolation']): Promise<void> {
    const feature = `own_${isolation}`;
    const rows = await this.platform.query({
      text: 'select from core.plans where plan_code = $1 and modules ? $2',
      values: [planCode, feature],
    });
    if (rows.length === 0)
      throw NotEntitled({
        required: feature,
        reason: 'not_in_plan',
        detail: `The plan ${planCode} does not have ${feature}.`,
      });
  }
}

/** Under one name: a schema of the main database, or a database with the schema `tenant`. */
export const ownPlace = (isolation: OwnPlace['isolation'], server: string, name: string): OwnPlace =>
  isolation === 'schema'
    ? { isolation, server, databaseName: null, schemaName: name }
    : { isolation, server, databaseName: name, schemaName: TENANT_SCHEMA };

import { Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import { CoreUnit, currentScope, Tenancy, type Unit } from '../tenancy/index.js';
import type { Resource } from './definition/resource.js';

/** Where a resource's statements run: in the unit of its plane, or the one that a request has put into it. */
@Injectable()
export class Units {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly core: CoreUnit,
  ) {}

  of({ unit, table }: Pick<Resource, 'unit' | 'table'>): Unit {
    return unit ?? (table.schema === undefined ? this.tenancy : this.core);
  }
}

/** In whose log, and under whose keys, a write of the resource stands: what is nobody's is the platform's. */
export const organizationOf = ({ holding }: Pick<Resource, 'holding'>): string =>
  holding === 'global' ? ZERO_ID : organizationOfScope();

/** The scope's organization; the zero uuid, which has no rows, where a platform user acts in none. */
export const organizationOfScope = (): string => currentScope().placement?.organizationId ?? ZERO_ID;

/** What stands before the names of the tables that belong to the transaction of each write: `audit_log` and its kin. */
export const ledgerSchema = ({ table }: { readonly table: Pick<Resource['table'], 'schema'> }): string =>
  table.schema === undefined ? '' : 'core.';

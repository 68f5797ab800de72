import { type Resource, Sql, type StoredRow } from '../../../platform/resources/index.js';
import { currentPlacement, type Tenancy } from '../../../platform/tenancy/index.js';

/**
 * The columns of a record below its parent, as far as the resource is narrowed; nobody else changes it until the unit of
 * work ends. undefined: there is none
 */
export async function heldRow<Held, Row extends StoredRow>(
  tenancy: Tenancy,
  { conditions, parent, parentId, table }: Resource<Row>,
  id: string,
  which: 'living' | 'any',
): Promise<Held | undefined> {
  const sql = new Sql();
  const above = parent === undefined ? '' : ` and r.${parent.column.quoted} = ${sql.typed(parentId, 'uuid')}`;
  const own = `r."organization_id" = ${sql.typed(currentPlacement().organizationId, 'uuid')} and r."id" = ${sql.typed(id, 'uuid')}`;
  const more = conditions.map((condition) => ` and ${condition(sql, 'r.')}`).join('');
  const living = which === 'living' ? ` and r."deleted_at" is null` : '';
  const [row] = await tenancy.write<Held>(
    sql.statement(`select r.* from ${table.quoted} r where ${own}${above}${living}${more} for no key update`),
  );
  return row;
}

/** What PostgreSQL takes for a name, in bytes; how much of it is the tenant's code; how much its id. */
const MAX_NAME = 63;
const CODE_LENGTH = 40;
const HEX_LENGTH = 8;

/**
 * The schema or database of one tenant: `tenant_<code>_<hex>`. The last digits of the id, since the first are time and
 * equal for all that are made within a minute. A new code renames nothing.
 */
export function locationName(code: string, id: string): string {
  const named = code
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '_')
    .slice(0, CODE_LENGTH);
  return `tenant_${named}_${id.slice(-HEX_LENGTH)}`;
}

/** Letters, digits and _, and nothing that is PostgreSQL's or the product's own. */
export const isSchemaName = (name: string): boolean =>
  name.length <= MAX_NAME && /^[a-z][a-z0-9_]*$/.test(name) && !TAKEN.test(name);
const TAKEN = /^(pg_.*|information_schema|public|core|shared|tenancy|pgboss)$/;

/** `tenant_code`: what the table's check says. */
export const TENANT_CODE = /^[A-Za-z0-9][A-Za-z0-9_-]{1,49}$/;
/** A label of DNS (RFC 1035, 2.3.1, with a digit in front as RFC 1123 allows). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const MAX_DOMAIN = 253;

/** Names of PostgreSQL's things and of ours: a tenant that bears one would be taken for it. */
const RESERVED = new Set([
  ...['public', 'core', 'shared', 'tenancy', 'pgboss', 'information_schema', 'postgres', 'template0', 'template1'],
  ...['admin', 'api', 'www', 'app', 'platform', 'tenantry', 'health', 'metrics', 'docs', 'mail', 'localhost'],
]);

/** Whether the name means something already: compared without case, with `_` and `-` alike. */
export function isReserved(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('-', '_');
  return RESERVED.has(plain) || plain.startsWith('pg_');
}

/** One label below the product's own domain. */
export const isSubdomain = (text: string): boolean => LABEL.test(text);

/** A host of at least two labels, the last one no number: `app.siteA.com`. */
export function isDomain(text: string): boolean {
  const labels = text.split('.');
  const last = labels.at(-1) ?? '';
  return (
    text.length <= MAX_DOMAIN && labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(last)
  );
}

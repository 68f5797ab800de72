import { isIP } from 'node:net';

/** What a host can name a tenant by: `acme` of `acme.<BASE_DOMAIN>`, or a whole name, which may be a tenant's own domain. In lower case. */
export type HostName =
  { readonly kind: 'subdomain'; readonly subdomain: string } | { readonly kind: 'domain'; readonly domain: string };

/** Of a name, with its trailing dot and a port (RFC 1035, RFC 9110). */
export const MAX_HOST = 253 + 1 + 6;
const HOST = /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.?(?::\d{0,5})?$/;

/**
 * What the text of a Host header may name a tenant by: without its port, a trailing dot and case. Undefined for what names
 * nobody whoever asks: an address, `localhost` and other names of one label, the bare base domain, and what is no host.
 */
export function hostName(text: string, baseDomain: string | undefined): HostName | undefined {
  if (text.length > MAX_HOST) return undefined;
  const domain = HOST.exec(text.toLowerCase())?.[1];
  if (domain === undefined || isIP(domain) !== 0) return undefined;
  if (baseDomain === undefined) return { kind: 'domain', domain };
  const base = baseDomain.toLowerCase();
  if (domain === base) return undefined;
  const label = domain.endsWith(`.${base}`) ? domain.slice(0, -base.length - 1) : '.';
  return label.includes('.') ? { kind: 'domain', domain } : { kind: 'subdomain', subdomain: label };
}

/** What this folder needs of the configuration. */
export interface HttpOptions {
  environment: 'development' | 'test' | 'production';
  /** Origins that browsers may call from, as they stand in the header `Origin`; `*` is any. */
  backendCorsOrigins: readonly string[];
  /** Proxies whose `X-Forwarded-*` are believed: addresses, or how many hops. */
  trustProxy?: string | string[] | number | undefined;
}

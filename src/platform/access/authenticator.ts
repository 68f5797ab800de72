/** What the guard reads of a request. */
export interface IncomingRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed, not yet judged. */
  readonly body?: unknown;
  /** Of the path, decoded, not yet judged. */
  readonly params?: Readonly<Record<string, string | undefined>>;
  /** As the caller, or a proxy that is trusted, names this server: with its port. */
  readonly host?: string;
  /** The route's path, with `:` before its parameters. */
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** What a verified token says. */
export interface Claims {
  /** the user's id */
  readonly sub: string;
  /** the organization's id; null for a platform user */
  readonly org: string | null;
  /** the family of the session; null for an API key */
  readonly sid: string | null;
  /** seconds since the epoch */
  readonly exp: number;
}

/** Layer 0: who is it? The feature that keeps sessions implements it. */
export abstract class Authenticator {
  /** The claims of a credential that was verified before and has not expired; undefined: `verify`. */
  abstract peek(request: IncomingRequest): Claims | undefined;

  /** @throws Problem 401: `unauthenticated` without a credential or with a wrong one, `token_expired` */
  abstract verify(request: IncomingRequest): Promise<Claims>;
}

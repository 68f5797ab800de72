/** What of an answer is compared. */
export interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly layer?: string;
  readonly total?: number;
}
interface Request {
  /** The e-mail of him who asks; null for nobody. */
  readonly by: string | null;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}
type Json = Record<string, unknown>;

/** The tenant that a demo user's address names: one that was restored beside it has people of the same addresses. */
export function tenantOf(email: string): Readonly<Record<string, string>> {
  const [, code = ''] = email.split(/[@.]/);
  return code === 'example' ? {} : { 'x-tenant': code };
}

/** Makes requests as demo users, each signed in once. */
export class Client {
  private readonly tokens = new Map<string, string>();

  constructor(
    private readonly url: string,
    private readonly password: string,
  ) {}

  async send({ by, ...request }: Request): Promise<Answer> {
    const { status, body } = await this.fetch(request, by === null ? undefined : await this.tokenOf(by));
    // a sign-in that went well has a session, which ends with the others
    if (typeof body['access_token'] === 'string')
      this.tokens.set(`${request.path} ${String(this.tokens.size)}`, body['access_token']);
    return {
      status,
      ...(typeof body['code'] === 'string' ? { code: body['code'] } : {}),
      ...(typeof body['layer'] === 'string' ? { layer: body['layer'] } : {}),
      ...(typeof body['total'] === 'number' ? { total: body['total'] } : {}),
    };
  }

  /** Ends the sessions that were opened here, and no other. */
  async signOut(): Promise<void> {
    for (const token of this.tokens.values()) await this.fetch({ method: 'POST', path: '/auth/logout' }, token);
    this.tokens.clear();
  }

  private async tokenOf(email: string): Promise<string> {
    const known = this.tokens.get(email);
    if (known !== undefined) return known;
    const { status, body } = await this.fetch({
      method: 'POST',
      path: '/auth/login',
      headers: tenantOf(email),
      body: { email, password: this.password },
    });
    const token = body['access_token'];
    if (typeof token !== 'string')
      throw new Error(`${email} cannot sign in: ${String(status)} ${String(body['code'])}`);
    this.tokens.set(email, token);
    return token;
  }

  private async fetch(request: Omit<Request, 'by'>, token?: string): Promise<{ status: number; body: Json }> {
    const response = await fetch(`${this.url}/api/v1${request.path}`, {
      method: request.method,
      headers: {
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Json) : {} };
  }
}

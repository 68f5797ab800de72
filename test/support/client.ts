import { patiently } from './patiently.js';

/** The password of every demo user. */
export const PASSWORD = 'password123';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined for an empty one. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer has the shape that its test is about
  readonly body: any;
}

/** Real HTTP against the API, with the credentials it carries. Paths are below /api/v1, or absolute with a leading `//`. */
export class Client {
  constructor(
    readonly url: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  with(headers: Record<string, string>): Client {
    return new Client(this.url, { ...this.headers, ...headers });
  }

  async signIn(email: string, password = PASSWORD): Promise<Client> {
    const { status, body, text } = await this.post('/auth/login', { email, password });
    if (status !== 200) throw new Error(`${email} cannot sign in: ${String(status)} ${text}`);
    return this.with({ authorization: `Bearer ${(body as { access_token: string }).access_token}` });
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.send('PATCH', path, body, headers);
  }
  delete(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('DELETE', path, undefined, headers);
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return patiently(
      () => this.sendOnce(method, path, body, headers),
      (answer) =>
        (answer.body as { code?: string } | undefined)?.code === 'tenant_moving'
          ? answer.headers.get('retry-after')
          : undefined,
    );
  }

  private async sendOnce(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const response = await fetch(path.startsWith('//') ? this.url + path.slice(1) : `${this.url}/api/v1${path}`, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? (JSON.parse(text) as unknown) : undefined,
    };
  }
}

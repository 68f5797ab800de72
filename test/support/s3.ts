import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { mkdtemp, readdir } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from 's3rver';

/** Removed at the end of the run, with the cluster. */
const { directory: RUN } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory: string };
const BUCKET = 'tenantry-test';

/** A server like S3 with one bucket. */
export class S3 {
  private constructor(
    private readonly server: S3rver,
    private readonly directory: string,
    readonly url: string,
  ) {}

  static async start(): Promise<S3> {
    const directory = await mkdtemp(join(RUN, 's3-'));
    const server = new S3rver({
      ...{ port: 0, address: '127.0.0.1', silent: true, directory, allowMismatchedSignatures: true },
      configureBuckets: [{ name: BUCKET }],
    });
    const { port } = await server.run();
    return new S3(server, directory, `http://127.0.0.1:${String(port)}`);
  }

  /** The configuration of a node that keeps its files there, or behind another address. */
  environment(endpoint = this.url): Record<string, string> {
    return { S3_ENDPOINT: endpoint, S3_BUCKET: BUCKET, S3_ACCESS_KEY: 'S3RVER', S3_SECRET_KEY: 'S3RVER' };
  }

  /** The keys of all objects that there are. */
  async keys(): Promise<string[]> {
    const files = await readdir(join(this.directory, BUCKET), { recursive: true });
    return files.flatMap((file) => /^(.*)\._S3rver_object$/.exec(file)?.[1] ?? []).sort();
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** Stands before a server and adds bytes to what is uploaded, as some servers do to checksums that they do not know. */
export async function spoiler(target: string): Promise<{ readonly url: string; close(): void }> {
  const server: HttpServer = createServer((request, response) => {
    void forward(target, request).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, close: () => server.close() };
}

async function forward(target: string, request: IncomingMessage): Promise<Response> {
  const { method = 'GET', url = '/', headers } = request;
  const body = Buffer.concat([await buffer(request), Buffer.from(method === 'PUT' ? 'more' : '')]);
  const { authorization = '' } = headers;
  return fetch(target + url, {
    method,
    headers: { authorization, 'x-amz-date': String(headers['x-amz-date']), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    ...(body.length > 0 ? { body } : {}),
  });
}

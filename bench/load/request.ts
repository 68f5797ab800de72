/** One request as the load sends it, again and again. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The bytes of the request, made once. */
export function bytesOf({ method, path, headers, body }: LoadRequest, host: string): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...Object.entries(headers).map((pair) => pair.join(': ')),
  ];
  if (body !== undefined)
    lines.push('content-type: application/json', `content-length: ${String(Buffer.byteLength(body))}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

import { connect } from 'node:net';

/** Milliseconds after which somebody who gets no answer hangs up. */
const PATIENCE_MS = 2_000;

/** Says this to the server as it stands, and answers all that comes back until it hangs up or nothing more comes. */
export function speak(url: string, text: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const done = () => {
      socket.destroy();
      resolve(heard);
    };
    socket.setTimeout(PATIENCE_MS, done);
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('close', done);
    socket.on('error', done);
  });
}

const HIDDEN = 'GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\n\r\n';

/** What is no request of HTTP, or two in one, by what is wrong with it. */
export function wireCases(authorization: string): Record<string, string> {
  const post = (heads: string, body: string) =>
    `POST /api/v1/crm/leads HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n${heads}\r\n\r\n${body}`;
  const get = (line: string, heads = 'Host: x\r\n') => `${line}\r\n${heads}\r\n`;
  return {
    'a length beside chunks': post('Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${HIDDEN}`),
    'chunks beside a length': post(
      'Transfer-Encoding: chunked\r\nContent-Length: 4',
      `5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n`,
    ),
    'two lengths': post('Content-Length: 2\r\nContent-Length: 60', `{}${HIDDEN}`),
    'a length below nothing': post('Content-Length: -1', '{}'),
    'a length with a sign': post('Content-Length: +2', '{}'),
    'a length beyond all numbers': post('Content-Length: 99999999999999999999', '{}'),
    'a length beyond the limit': post('Content-Length: 99999999999', '{}'),
    'two encodings': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'),
    'an encoding of nobody': post('Transfer-Encoding: xchunked', `0\r\n\r\n${HIDDEN}`),
    'an encoding on the next line': post('Transfer-Encoding:\n chunked', `0\r\n\r\n${HIDDEN}`),
    'chunks of no length': post('Transfer-Encoding: chunked', 'zz\r\n{}\r\n0\r\n\r\n'),
    'a chunk with too much to say': post('Transfer-Encoding: chunked', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    'NUL in the path': get('GET /api/v1/crm/leads\0 HTTP/1.1'),
    'NUL in a header': get('GET /api/v1/crm/leads HTTP/1.1', 'Host: x\r\nX-Tenant: a\0b\r\n'),
    'a header without a colon': get('GET / HTTP/1.1', 'Host x\r\n'),
    'a blank before the colon': get('GET / HTTP/1.1', 'Host : x\r\n'),
    'a header on two lines': get('GET / HTTP/1.1', 'Host: x\r\nX-Tenant: testcorp\r\n globex\r\n'),
    'no host': get('GET /api/v1/auth/me HTTP/1.1', 'Connection: close\r\n'),
    'lines without CR': 'GET / HTTP/1.1\nHost: x\n\n',
    'a method of nobody': get('FOO /api/v1/crm/leads HTTP/1.1'),
    'a version of nobody': get('GET /api/v1/crm/leads HTTP/9.9'),
    'tabs for blanks': get('GET\t/api/v1/crm/leads\tHTTP/1.1'),
    'a path in raw UTF-8': get('GET /api/v1/é HTTP/1.1'),
    'a path too long': get(`GET /${'a'.repeat(20_000)} HTTP/1.1`),
    'a header too long': get('GET / HTTP/1.1', `Host: x\r\nX: ${'a'.repeat(20_000)}\r\n`),
    'headers too many': get(
      'GET / HTTP/1.1',
      `Host: x\r\n${Array.from({ length: 3_000 }, (_, n) => `x${String(n)}: 1\r\n`).join('')}`,
    ),
    'HTTP/2 without being asked': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'the beginning of TLS': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'no words at all': 'x'.repeat(70_000),
  };
}

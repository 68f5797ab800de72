import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';

/** Texts by the name, in lower case, that they are published at. */
export type Records = Map<string, string[]>;

/** A name server that knows these records alone; this process asks it from now on. */
export interface NameServer {
  readonly records: Records;
  /** The names that were asked for, in lower case. */
  readonly asked: string[];
  close(): void;
}

const HEADER = 12;
const NAME_POINTER = 0xc000 + HEADER;
const [ANSWER, NO_SUCH_NAME] = [0x8180, 0x8183];
const [TXT, IN] = [16, 1];
const MAX_PART = 255;

/** Answers TXT over UDP (RFC 1035, section 4). */
export async function nameServer(): Promise<NameServer> {
  const records: Records = new Map();
  const asked: string[] = [];
  const socket = createSocket('udp4', (query, { port, address }) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    const texts = records.get(name) ?? [];
    const header = Buffer.alloc(HEADER);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(texts.length === 0 ? NO_SUCH_NAME : ANSWER, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(texts.length, 6);
    socket.send(Buffer.concat([header, query.subarray(HEADER, end), ...texts.map(recordOf)]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const before = dns.getServers();
  dns.setServers([`127.0.0.1:${String(socket.address().port)}`]);
  return {
    records,
    asked,
    close: () => {
      dns.setServers(before);
      socket.close();
    },
  };
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function recordOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MAX_PART) {
    const part = bytes.subarray(at, at + MAX_PART);
    parts.push(Buffer.from([part.length]), part);
  }
  const data = Buffer.concat(parts);
  const head = Buffer.alloc(HEADER);
  for (const [offset, value] of [NAME_POINTER, TXT, IN].entries()) head.writeUInt16BE(value, offset * 2);
  head.writeUInt16BE(data.length, HEADER - 2);
  return Buffer.concat([head, data]);
}

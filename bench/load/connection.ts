import { connect, type Socket } from 'node:net';

const READ_BYTES = 64 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const STATUS_AT = 'HTTP/1.1 '.length;

/** Told of each answer: its status, and the milliseconds it took. */
export type OnAnswer = (status: number, ms: number) => void;

/**
 * A keep-alive connection that sends the next request when the last is answered. Reads no more of an answer than its
 * status and length: a parser of HTTP took as much time as the server under measurement.
 */
export class Connection {
  private socket: Socket | undefined;
  private head = Buffer.alloc(0);
  /** Bytes of the answer's body still to come; undefined while its head is read. */
  private missing: number | undefined;
  private status = 0;
  private sentAt = 0;
  private next: number;

  constructor(
    private readonly requests: readonly Buffer[],
    first: number,
    private readonly onAnswer: OnAnswer,
  ) {
    this.next = first;
  }

  /** Sends until `goesOn` says no; resolves after the last answer, and rejects when the connection breaks. */
  run(port: number, goesOn: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (length: number, bytes: Uint8Array): boolean => {
        if (!this.read(Buffer.from(bytes.buffer, bytes.byteOffset, length))) return true;
        if (goesOn()) this.send();
        else {
          this.socket?.destroy();
          resolve();
        }
        return true;
      };
      this.socket = connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: { buffer: Buffer.alloc(READ_BYTES), callback: take },
      });
      this.socket.on('error', reject);
      this.socket.on('end', () => reject(new Error('the server closed a connection')));
      this.socket.on('connect', () => this.send());
    });
  }

  private send(): void {
    this.sentAt = performance.now();
    this.socket?.write(this.requests[this.next++ % this.requests.length] ?? '');
  }

  /** True when the answer is whole. `bytes` is overwritten by what comes next. */
  private read(bytes: Buffer): boolean {
    if (this.missing === undefined) {
      const all = this.head.length === 0 ? bytes : Buffer.concat([this.head, bytes]);
      const end = all.indexOf(END_OF_HEAD);
      if (end === -1) {
        this.head = Buffer.from(all);
        return false;
      }
      this.head = Buffer.alloc(0);
      this.missing = this.lengthOf(all.toString('latin1', 0, end)) - (all.length - end - END_OF_HEAD.length);
    } else this.missing -= bytes.length;
    if (this.missing > 0) return false;
    this.missing = undefined;
    this.onAnswer(this.status, performance.now() - this.sentAt);
    return true;
  }

  private lengthOf(head: string): number {
    this.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    const length = LENGTH.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer says nothing of its length:\n${head}`);
    return Number(length);
  }
}

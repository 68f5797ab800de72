import { describe, it, expect, beforeEach, afterEach, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { newId, ZERO_ID } from '../../common/ids.js';
import { AccessListener, ListenConnections, type ListenConnection } from './access-listener.js';
import { Freshness } from './freshness.js';

const acme = newId();

/** A server that keeps versions and notifies; its connections can break in every way that real ones do. */
class Server extends ListenConnections {
  reachable = true;
  /** takes what is sent and answers nothing: a half-open connection */
  mute = false;
  readonly versions = new Map([
    [ZERO_ID, '0'],
    [acme, '1'],
  ]);
  readonly opened: Connection[] = [];
  readonly log: string[] = [];

  open(): Connection {
    const connection = new Connection(this);
    this.opened.push(connection);
    return connection;
  }
  get last(): Connection {
    const connection = this.opened.at(-1);
    if (connection === undefined) throw new Error('nothing was opened');
    return connection;
  }
  notify(payload: string): void {
    for (const connection of this.opened) if (connection.listens) connection.emit('notification', { payload });
  }
}

class Connection extends EventEmitter implements ListenConnection {
  listens = false;
  ended = false;
  constructor(private readonly server: Server) {
    super();
  }
  connect(): Promise<void> {
    return this.server.reachable ? this.answered(undefined) : Promise.reject(new Error('connection refused'));
  }
  query(text: string, values: unknown[] = []): ReturnType<ListenConnection['query']> {
    const [verb = ''] = text.split(' ');
    this.server.log.push(verb);
    if (verb === 'listen' && !this.server.mute) this.listens = true;
    const rows = [...this.server.versions]
      .filter(([id]) => [values[0]].flat().includes(id))
      .map(([organization_id, version]) => ({ organization_id, version }));
    return this.answered({ rows });
  }
  end(): Promise<void> {
    this.ended = true;
    this.listens = false;
    return Promise.resolve();
  }
  private answered<T>(answer: T): Promise<T> {
    return this.server.mute ? new Promise(() => {}) : Promise.resolve(answer);
  }
}

describe('AccessListener', () => {
  let server: Server;
  let freshness: Freshness;
  let listener: AccessListener;
  beforeEach(async () => {
    jest.useFakeTimers();
    server = new Server();
    freshness = new Freshness();
    listener = new AccessListener(server, freshness);
    await listener.start();
  });
  afterEach(async () => {
    await listener.stop();
    jest.useRealTimers();
  });
  const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
  const read = () => {
    const stamp = freshness.stampOf(acme);
    stamp.learn({ organization: server.versions.get(acme) ?? '', everything: server.versions.get(ZERO_ID) ?? '' });
    return stamp;
  };

  it('trusts after it listens and has then read the versions', () => {
    expect(listener.trusted).toBe(true);
    expect(server.log).toEqual(['listen', 'select']);
  });

  it('drops what a notification names', () => {
    const [stamp, other] = [read(), freshness.stampOf(newId())];
    server.notify(acme);
    expect([stamp.fresh, other.fresh]).toEqual([false, true]);
    server.notify(ZERO_ID);
    expect(other.fresh).toBe(false);
  });

  it.each([
    ['ends', (connection: Connection) => connection.emit('end')],
    ['breaks', (connection: Connection) => connection.emit('error', new Error('terminated'))],
  ])('trusts nothing from the moment that the connection %s, and listens again', async (_, happens) => {
    happens(server.last);
    expect(listener.trusted).toBe(false);
    await pass(60);
    expect(listener.trusted).toBe(true);
    expect(server.opened).toHaveLength(2);
    // a second sign of the same end changes nothing
    server.opened[0]?.emit('error', new Error('again'));
    expect(listener.trusted).toBe(true);
  });

  it('finds out within 2 s that the other side has gone silent', async () => {
    await pass(10_000);
    expect(listener.trusted).toBe(true);
    server.mute = true;
    await pass(2_000);
    expect(listener.trusted).toBe(false);
    expect(server.opened[0]?.ended).toBe(true);
    server.mute = false;
    await pass(3_000);
    expect(listener.trusted).toBe(true);
  });

  it('keeps what did not change while it was away, and drops what did', async () => {
    const before = read();
    server.last.emit('end');
    await pass(60);
    expect(before.fresh).toBe(true);
    server.last.emit('end');
    server.versions.set(acme, '2');
    await pass(60);
    expect(listener.trusted).toBe(true);
    expect(before.fresh).toBe(false);
  });

  it('waits longer with each failure, at most a second, and begins anew after a success', async () => {
    server.reachable = false;
    server.last.emit('end');
    await pass(50 + 100 + 200 + 400 + 800 + 1_000);
    expect(server.opened).toHaveLength(1 + 6);
    await pass(3_000);
    expect(server.opened).toHaveLength(1 + 9);
    expect(listener.trusted).toBe(false);
    server.reachable = true;
    await pass(1_000);
    expect(listener.trusted).toBe(true);
    server.last.emit('end');
    await pass(60);
    expect(listener.trusted).toBe(true);
  });

  it('stops for good: no trust, no connection, no further attempt', async () => {
    await listener.stop();
    expect(listener.trusted).toBe(false);
    expect(server.last.ended).toBe(true);
    await pass(10_000);
    expect(server.opened).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('stops between two attempts as well', async () => {
    server.reachable = false;
    server.last.emit('end');
    await listener.stop();
    await pass(10_000);
    expect(server.opened).toHaveLength(1);
  });

  it('takes connections of pg as they are', () => {
    class Postgres extends ListenConnections {
      open(): ListenConnection {
        return new pg.Client();
      }
    }
    expect(new Postgres().open()).toBeInstanceOf(pg.Client);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type PlacedTenant, rebalance, type ServerLoad } from './rebalance.js';

const at = (server: string, bytes: number, isAvailable = true): ServerLoad => ({ server, bytes, isAvailable });
const of = (tenant: string, server: string, bytes: number, more: Partial<PlacedTenant> = {}): PlacedTenant => ({
  ...{ tenant, server, bytes, isolation: 'database', mayHaveDatabase: true },
  ...more,
});
const plan = (servers: ServerLoad[], tenants: PlacedTenant[]) => {
  const { moves, isBalanced } = rebalance(servers, tenants);
  return { moves: moves.map(({ tenant, server, to }) => `${tenant}: ${server} → ${to}`), isBalanced };
};

describe('a plan', () => {
  it('is empty where servers are about as full as one another', () => {
    expect(plan([at('main', 110), at('eu-1', 90)], [of('a', 'main', 10)])).toEqual({ moves: [], isBalanced: true });
  });

  it('moves one tenant rather than several, and the smallest that is enough', () => {
    const tenants = [of('a', 'main', 30), of('b', 'main', 42), of('c', 'main', 46), of('d', 'main', 20)];
    expect(plan([at('main', 150), at('eu-1', 50)], tenants)).toEqual({ moves: ['b: main → eu-1'], isBalanced: true });
  });

  it('fills the emptiest server first, and tells how full both were', () => {
    const tenants = [of('a', 'main', 100), of('b', 'main', 100), of('c', 'main', 100)];
    const { moves, isBalanced } = rebalance([at('main', 300), at('eu-1', 10), at('eu-2', 0)], tenants);
    expect(moves.map(({ to, fromBytes, toBytes }) => [to, fromBytes, toBytes])).toEqual([
      ['eu-2', 300, 0],
      ['eu-1', 200, 10],
    ]);
    expect(isBalanced).toBe(true);
  });

  it('takes nobody from a server that is away, nor to one', () => {
    const tenants = [of('a', 'main', 50), of('b', 'eu-2', 50)];
    expect(plan([at('main', 100), at('eu-1', 100), at('eu-2', 400, false), at('eu-3', 0, false)], tenants)).toEqual({
      moves: [],
      isBalanced: true,
    });
  });

  it('takes shared tenants and those with a schema only where their plan has databases', () => {
    const shared = { isolation: 'shared', mayHaveDatabase: false };
    const tenants = [of('a', 'main', 50, shared), of('b', 'main', 40, { isolation: 'schema' })];
    expect(plan([at('main', 100), at('eu-1', 0)], tenants).moves).toEqual(['b: main → eu-1']);
    // who has a database keeps it, whatever the plan says by now
    expect(plan([at('main', 100), at('eu-1', 0)], [of('c', 'main', 50, { mayHaveDatabase: false })]).moves).toEqual([
      'c: main → eu-1',
    ]);
  });

  it('leaves alone whom it would only carry from the one full server to the other, and who is too small to help', () => {
    const servers = [at('main', 100), at('eu-1', 0)];
    expect(plan(servers, [of('all', 'main', 100), of('tiny', 'main', 5)])).toEqual({ moves: [], isBalanced: false });
  });

  it('goes on with the other servers where the fullest cannot be relieved', () => {
    const servers = [at('main', 1000), at('eu-1', 200), at('eu-2', 0)];
    const tenants = [of('a', 'eu-1', 90)];
    expect(plan([at('main', 300), ...servers.slice(1)], tenants)).toEqual({
      moves: ['a: eu-1 → eu-2'],
      isBalanced: false,
    });
  });

  it('of no server, or one, is empty', () => {
    expect(plan([], [])).toMatchObject({ moves: [] });
    expect(plan([at('main', 10)], [of('a', 'main', 5)])).toEqual({ moves: [], isBalanced: true });
  });
});

import { afterAll, beforeAll, beforeEach, describe, it, expect } from '@jest/globals';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Global, HttpException, Module, Param } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CONFIG } from '../../config/index.js';
import { httpAdapter, installHttp } from '../http/index.js';
import {
  createLog,
  Health,
  HEALTH_CHECKS,
  installRequestLog,
  listenOperations,
  Metrics,
  ObservabilityModule,
  type HealthCheck,
} from './index.js';

const ID = '0190a0b0-1111-7000-8000-000000000001';
const options = { environment: 'test', corsOrigins: [], trustProxy: undefined } as const;
const config: { metricsPort: number | undefined } = { metricsPort: undefined };
let fails = false;
const checks: HealthCheck[] = [
  { name: 'database', check: () => (fails ? Promise.reject(new Error('secret')) : Promise.resolve()) },
];

@Controller('things')
class Things {
  @Get(':id')
  get(@Param('id') id: string): unknown {
    if (id === 'broken') throw new HttpException('secret', 502);
    return { id };
  }
}
@Global()
@Module({
  providers: [
    { provide: HEALTH_CHECKS, useValue: checks },
    { provide: CONFIG, useValue: config },
  ],
  exports: [HEALTH_CHECKS, CONFIG],
})
class Surroundings {}

let app: NestFastifyApplication;
let lines: Record<string, unknown>[] = [];
beforeAll(async () => {
  const module = await Test.createTestingModule({
    imports: [Surroundings, ObservabilityModule],
    controllers: [Things],
  }).compile();

  app = module.createNestApplication<NestFastifyApplication>(httpAdapter(options), {
    bodyParser: false,
    logger: false,
  });
  installHttp(app, options);
  const stdout = {
    write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>),
    flushSync: () => undefined,
  };
  const log = await createLog({ logLevel: 'info', logFile: undefined, logPretty: false }, stdout);
  installRequestLog(app.getHttpAdapter().getInstance(), log, app.get(Metrics), (request) =>
    request.headers['x-user'] === undefined ? undefined : { tenant: 'org-1', user: String(request.headers['x-user']) },
  );
  await app.init();
});
beforeEach(() => {
  lines = [];
});
afterAll(() => app.close());

/** The value of one series in the text of Prometheus. */
const figure = async (series: string): Promise<number> => {
  const { body } = await app.inject('/metrics');
  return Number(
    body
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1) ?? NaN,
  );
};

describe('the line of a request', () => {
  it('says what was asked, how it ended and for whom', async () => {
    await app.inject({ url: `/things/${ID}?q=secret`, headers: { 'x-request-id': 'r-1', 'x-user': 'u-1' } });
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/Z$/),
        request_id: 'r-1',
        method: 'GET',
        route: '/things/:id',
        path: `/things/${ID}`,
        status: 200,
        duration_ms: expect.any(Number),
        tenant: 'org-1',
        user: 'u-1',
        msg: 'request',
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
  it('is an error for a fault of ours, and has no tenant where there was none', async () => {
    await app.inject('/things/broken');
    expect(lines).toMatchObject([{ level: 'error', status: 500 }]);
    expect(lines[0]).not.toHaveProperty('tenant');
  });
  it('is not written for probes and scrapers', async () => {
    for (const url of ['/health/live', '/health/ready', '/metrics']) await app.inject(url);
    expect(lines).toEqual([]);
  });
});

describe('GET /metrics', () => {
  it('counts requests and their time by route, not by path', async () => {
    const series = 'http_requests_total{method="GET",route="/things/:id",status="200"}';
    const before = (await figure(series)) || 0;
    await app.inject('/things/1');
    await app.inject('/things/2');
    expect(await figure(series)).toBe(before + 2);
    expect(await figure('http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"}')).toBe(
      before + 2,
    );
    await app.inject('/nowhere');
    expect(await figure('http_requests_total{method="GET",route="none",status="404"}')).toBe(1);
  });
  it('tells of the process and of what others registered, as it is when asked', async () => {
    let size = 1;
    const metrics = app.get(Metrics);
    metrics.gauge('tenantry_test_size', 'Things', () => size);
    metrics.counter('tenantry_test_total', 'Things', () => [{ labels: { pool: 'main' }, value: 7 }], ['pool']);
    expect(await figure('tenantry_test_size')).toBe(1);
    size = 5;
    expect(await figure('tenantry_test_size')).toBe(5);
    expect(await figure('tenantry_test_total{pool="main"}')).toBe(7);
    expect(await figure('nodejs_eventloop_lag_seconds')).not.toBeNaN();
    expect((await app.inject('/metrics')).headers['content-type']).toMatch(/^text\/plain; version=/);
  });
  it('is not there when it has a port of its own', async () => {
    config.metricsPort = 9999;
    expect((await app.inject('/metrics')).statusCode).toBe(404);
    config.metricsPort = undefined;
  });
});

describe('health', () => {
  it('is live whatever stands behind it, and ready when the checks pass', async () => {
    expect((await app.inject('/health/live')).json()).toEqual({ status: 'live' });
    const answer = await app.inject('/health/ready');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ready', checks: { database: 'ok' } }]);
  });
  it('answers 503 without a word of the reason', async () => {
    fails = true;
    const health = new Health(checks);
    expect(await health.ready()).toEqual({ status: 'unavailable', checks: { database: 'unavailable' } });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const answer = await app.inject('/health/ready');
    fails = false;
    expect([answer.statusCode, answer.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { database: 'unavailable' } },
    ]);
  });
});

describe('the port of its own', () => {
  let server: Server;
  let base = '';
  beforeAll(async () => {
    server = await listenOperations(0, '127.0.0.1', new Health([]), app.get(Metrics));
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => {
    server.close();
  });

  it.each<[string, number, RegExp]>([
    ['/metrics', 200, /http_requests_total/],
    ['/health/live', 200, /live/],
    ['/health/ready', 200, /ready/],
    ['/api/v1/things', 404, /not_found/],
  ])('answers %s with %d', async (path, status, body) => {
    const answer = await fetch(base + path);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(body);
  });
});

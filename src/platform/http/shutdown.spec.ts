import { describe, it, expect } from '@jest/globals';
import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { httpAdapter, installHttp } from './index.js';

const arrived = Promise.withResolvers<true>();

@Controller()
class Slow {
  @Get('slow')
  async slow(): Promise<unknown> {
    arrived.resolve(true);
    await wait(300);
    return { done: true };
  }
}
@Module({ controllers: [Slow] })
class App {}

describe('closing the server', () => {
  it('lets a running request end and then drops the connection that is kept alive', async () => {
    const options = { environment: 'test', corsOrigins: [], trustProxy: undefined } as const;
    const module = await Test.createTestingModule({ imports: [App] }).compile();

    const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(options), { bodyParser: false });
    installHttp(app, options);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    const answer = new Promise<number | undefined>((resolve, reject) => {
      get({ port, path: '/slow', agent }, (response) =>
        response.resume().on('end', () => resolve(response.statusCode)),
      ).on('error', reject);
    });
    await arrived.promise;
    const begun = performance.now();
    await app.close();
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(await answer).toBe(200);
    agent.destroy();
  });
});

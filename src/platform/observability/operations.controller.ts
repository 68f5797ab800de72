import { Controller, Get, HttpCode, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NotFound } from '../../common/problem.js';
import { CONFIG, type Config } from '../../config/index.js';
import { Public } from '../access/index.js';
import { Health, type Readiness } from './health.js';
import { Metrics } from './metrics.js';

/** What probes and scrapers ask, at the root: no part of the API that its document describes. */
@ApiExcludeController()
@Controller()
export class OperationsController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Pick<Config, 'metricsPort'>,
  ) {}

  @Get('health/live')
  @Public()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.ready();
    void reply.code(readiness.status === 'ready' ? 200 : 503);
    return readiness;
  }

  /** 404 where METRICS_PORT moves it to another port. */
  @Get('metrics')
  @HttpCode(200)
  @Public()
  async text(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (this.config.metricsPort !== undefined) throw NotFound();
    void reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }
}

import { Global, Module } from '@nestjs/common';
import { Health } from './health.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';

/** Wants HEALTH_CHECKS and CONFIG of a global module. */
@Global()
@Module({ controllers: [OperationsController], providers: [Health, Metrics], exports: [Health, Metrics] })
export class ObservabilityModule {}

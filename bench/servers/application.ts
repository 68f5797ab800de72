import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.setup.js';
import { loadConfig } from '../../src/config/index.js';
import type { DatabaseUrls } from '../../src/platform/database/index.js';
import { productEnvironment } from './environment.js';

/** The product as it ships, in this process, not yet listening. */
export const startApplication = (
  urls: DatabaseUrls,
  more: Record<string, string> = {},
): Promise<NestFastifyApplication> =>
  createApp(loadConfig({ ...productEnvironment(urls), ...more }), {
    urls,
    embedded: false,
    close: () => Promise.resolve(),
  });

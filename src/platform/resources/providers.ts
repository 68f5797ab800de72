import type { Provider } from '@nestjs/common';
import { Resources } from './http/resources.js';
import { Idempotency } from './idempotency/idempotency.js';
import { People } from './reading/people.js';
import { ResourceReader } from './reading/resource-reader.js';
import { Reaches } from './reach.js';
import { Units } from './units.js';
import { BulkWriter } from './writing/bulk-writer.js';
import { Currencies } from './writing/currencies.js';
import { ResourceWriter } from './writing/resource-writer.js';

/** What resources are served by: singletons of the platform's global module. */
export const resourceProviders: Provider[] = [
  Reaches,
  Units,
  People,
  Currencies,
  ResourceReader,
  ResourceWriter,
  BulkWriter,
  Idempotency,
  Resources,
];

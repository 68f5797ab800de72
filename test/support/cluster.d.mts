import type { EmbeddedPostgres } from '../../src/platform/database/embedded.js';

export function startCluster(directory: string): Promise<EmbeddedPostgres>;
export function makeTemplate(cluster: EmbeddedPostgres): Promise<void>;

import type { EmbeddedPostgres } from '../../src/platform/database/embedded.js';

export const PASSWORDS: { owner: string; app: string; platform: string };
export const SUPERUSER_PASSWORD: string;
export const TEMPLATE: string;
export function startCluster(directory: string): Promise<EmbeddedPostgres>;
export function urlsOf(
  port: number,
  database: string,
): { superuser: string; owner: string; app: string; platform: string };
export function makeTemplate(cluster: EmbeddedPostgres): Promise<void>;

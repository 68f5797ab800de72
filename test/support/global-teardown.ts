import { rm } from 'node:fs/promises';

export default async function globalTeardown(): Promise<void> {
  const { stopTestCluster } = globalThis as typeof globalThis & { stopTestCluster?: () => Promise<unknown> };
  await stopTestCluster?.();
  const { directory } = JSON.parse(process.env['TEST_CLUSTER'] ?? '{}') as { directory?: string };
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}

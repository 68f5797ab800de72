import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TestApp } from '../support/app.js';
import { storage } from '../support/dist.js';

/** An export of a tenant that is ready, with what stands in for its archive. */
export async function plantExport({ app, database }: TestApp, organizationId: string): Promise<void> {
  const archive = Buffer.from(`an archive of ${organizationId}`);
  const checksum = createHash('sha256').update(archive).digest('hex');
  const [row] = await database.sql<{ id: string }>(
    `insert into core.exports (id, organization_id, status, size_bytes, checksum, expires_at)
     values (gen_random_uuid(), $1, 'ready', $2, $3, now() + interval '1 day') returning id`,
    [organizationId, archive.length, checksum],
  );
  const files = app.get(storage.PlatformStorage).of(organizationId);
  await files.put(`exports/${row?.id ?? ''}/${checksum}.archive`, Readable.from([archive]));
}

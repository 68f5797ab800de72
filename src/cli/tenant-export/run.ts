import { resolve } from 'node:path';
import { TenantExports } from '../../modules/archives/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { findTenant } from '../lookup.js';
import type { Session } from '../session.js';

export async function run(session: Session, named: string, { file }: { file: string }) {
  const services = await session.services();
  const { id, code } = await findTenant(services.get(PlatformUnit), named);
  const path = resolve(file);
  const exporting = services.get(TenantExports).export(id, path, session.signal);
  const { head, sums, bytes, sha256 } = await session.defer(exporting, () => Promise.allSettled([exporting]));
  const { tables, files } = sums;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  session.out.table(
    ['table', 'rows'],
    tables.filter((table) => table.rows > 0).map((table) => [nameOf(table), table.rows]),
  );
  session.out.line(
    `✓ ${code}, ${String(rows)} rows and ${String(files.count)} files as of ${head.taken_at}: ${path}, ${String(bytes)} bytes.`,
  );
  return { ok: true, id, tenant_code: code, file: path, bytes, sha256, ...head, tables, files };
}

const nameOf = ({ plane, table }: { plane: string; table: string }): string =>
  plane === 'core' ? `core.${table}` : table;

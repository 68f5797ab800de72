import { resolve } from 'node:path';
import { TenantRestores } from '../../modules/archives/index.js';
import { usage } from '../exit.js';
import type { Session } from '../session.js';

interface Options {
  readonly file: string;
  readonly as?: string;
  readonly name?: string;
  readonly adminEmail?: string;
  readonly isolation?: string;
  readonly server?: string;
}

export async function run(session: Session, { file, ...asked }: Options) {
  if (asked.as === undefined && (asked.name !== undefined || asked.adminEmail !== undefined))
    throw usage('--name and --admin-email are of a new tenant.', 'Give its code by --as, or leave them out.');
  const services = await session.services();
  const { id, code, rows, files, takenAt } = await services.get(TenantRestores).restore(resolve(file), asked);
  session.out.line(`✓ Restored ${code}, id ${id}: ${String(rows)} rows and ${String(files)} files as of ${takenAt}.`);
  return { ok: true, id, tenant_code: code, rows, files, taken_at: takenAt };
}

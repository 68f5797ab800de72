import { type Deletion, TenantDeletions } from '../../modules/purges/index.js';
import type { PurgeReport } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { usage } from '../exit.js';
import { findTenant, type FoundTenant } from '../lookup.js';
import type { Session } from '../session.js';

interface Options {
  readonly yes?: boolean;
  readonly purge?: boolean;
  readonly confirm?: string;
}

export async function run(session: Session, named: string, options: Options) {
  const { yes = false, purge = false, confirm } = options;
  if (confirm !== undefined && !purge) throw usage('--confirm is of --purge.', 'Leave it out, or give both.');
  const services = await session.services();
  const tenant = await findTenant(services.get(PlatformUnit), named, 'any');
  const deletions = services.get(TenantDeletions);
  if (purge) assertConfirmed(tenant, confirm);
  if (purge) return tellPurged(session, await deletions.purge(tenant.id));
  const { state } = await deletions.get(tenant.id);
  if (!yes && (state === 'in_use' || state === 'half_made')) throw notMeant(tenant, state);
  if (state === 'half_made') return tellPurged(session, await deletions.undo(tenant.id));
  return tellDeleted(session, tenant, await deletions.delete(tenant.id));
}

function assertConfirmed({ code }: FoundTenant, confirm: string | undefined): void {
  if (confirm === code) return;
  throw usage(
    `Nothing was purged: --purge wants the code of the tenant${confirm === undefined ? ' typed once more' : `, and "${confirm}" is another`}.`,
    `All that there is of it would be lost. If that is meant: --purge --confirm ${code}`,
  );
}

function notMeant({ code }: FoundTenant, state: Deletion['state']) {
  return usage(
    state === 'half_made'
      ? `Nothing was undone: ${code} was never finished, and would be gone with all that is made of it.`
      : `Nothing was deleted: nobody would get into ${code} any more.`,
    `If that is meant: tenantry tenant:delete ${code} --yes`,
  );
}

function tellDeleted({ out }: Session, { id, code }: FoundTenant, { state, deletedAt, graceUntil }: Deletion) {
  if (state === 'purging') out.line(`• ${code} is being purged. Go on with it by: --purge --confirm ${code}`);
  else
    out.line(
      `✓ ${code} is deleted: nobody gets in. Until ${graceUntil ?? ''} it comes back by POST /api/v1/tenants/${id}/restore; then it is purged.`,
    );
  return { ok: true, id, tenant_code: code, status: state, deleted_at: deletedAt, restorable_until: graceUntil };
}

function tellPurged({ out }: Session, { id, code, rows, copies, stored }: PurgeReport) {
  out.table(['table', 'rows'], Object.entries(rows));
  const sum = Object.values(rows).reduce((total, each) => total + each, 0);
  const files = stored.files === 0 ? '' : `, ${String(stored.files)} files of ${String(stored.bytes)} bytes`;
  const left = copies === 0 ? '' : `, and ${String(copies)} that moves had left elsewhere`;
  out.line(`✓ ${code}, id ${id}, is purged: ${String(sum)} rows${files}${left}. Its code is free.`);
  return { ok: true, id, tenant_code: code, status: 'purged', rows, copies, ...stored };
}

import { Provisioning } from '../../modules/tenants/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { reasonOf } from '../half-made.js';
import { findTenant } from '../lookup.js';
import type { Session } from '../session.js';

const ALL = 100_000;

export async function run(session: Session, named: string | undefined) {
  const services = await session.services();
  const platform = services.get(PlatformUnit);
  const provisioning = services.get(Provisioning);
  const only = named === undefined ? undefined : (await findTenant(platform, named)).id;
  const halfMade = (await provisioning.unfinished(0, ALL)).filter(({ id }) => only === undefined || id === only);
  const tenants = [];
  for (const [done, { id, code }] of halfMade.entries()) {
    session.out.progress(done, halfMade.length, code);
    const isFinished = await provisioning.finish(id);
    const reason = isFinished ? undefined : await reasonOf(services, id);
    session.out.line(reason === undefined ? `✓ finished  ${code}` : `✗ ${code}  ${reason}`);
    tenants.push({ id, tenant_code: code, finished: isFinished, ...(reason === undefined ? {} : { reason }) });
  }
  if (halfMade.length === 0) session.out.line('Nothing is half-made.');
  return { ok: tenants.every(({ finished }) => finished), tenants };
}

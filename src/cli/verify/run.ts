import { ORGANIZATIONS, organizationId } from '../../../seeders/index.js';
import { SnapshotSource } from '../../platform/access/index.js';
import { type MigrationStatus, Migrator, Pools } from '../../platform/database/index.js';
import { Tenancy } from '../../platform/tenancy/index.js';
import type { Session } from '../session.js';
import { counts, locations } from './locations.js';
import { organizations } from './organizations.js';
import { people } from './people.js';
import { requests } from './requests.js';
import { roles } from './roles.js';
import { faultsOf, print, type Section, sectionJson } from './section.js';

export async function run(session: Session) {
  const sections: Section[] = [];
  const show = (section: Section): void => {
    sections.push(section);
    print(session.out, section);
  };
  const statuses = await statusesOf(session);
  const pools = await poolsOf(session);
  show(await locations(pools, statuses));
  // the application does not start on a database that lacks migrations, and neither do the other questions
  if (faultsIn(sections).length === 0) {
    show(await counts(pools));
    show(await roles(pools));
    await throughApplication(session, pools, show);
  }
  const faults = faultsIn(sections);
  session.out.line();
  for (const fault of faults) session.out.line(`✗ ${fault}`);
  session.out.line(
    faults.length === 0 ? 'No fault.' : `${String(faults.length)} ${faults.length === 1 ? 'fault' : 'faults'}.`,
  );
  return { ok: faults.length === 0, sections: sections.map(sectionJson), faults };
}

const faultsIn = (sections: readonly Section[]): string[] => sections.flatMap(faultsOf);

const statusesOf = async (session: Session): Promise<MigrationStatus[]> =>
  new Migrator(await session.ownerUrls(), session.config().sharedSchema).status();

async function poolsOf(session: Session): Promise<Pools> {
  const { urls } = await session.database();
  const { tenantMaxConnections: tenantMax, connectionLifetimeMs: lifetimeMs } = session.config();
  const pools = new Pools(urls, { max: 2, tenantMax, lifetimeMs });
  return session.defer(pools, () => pools.close());
}

/** Starts the application as main.ts does, on a free port, and asks it. */
async function throughApplication(session: Session, pools: Pools, show: (section: Section) => void): Promise<void> {
  const { createApp } = await import('../../app.setup.js');
  const app = await createApp({ ...session.config(), metricsPort: undefined }, await session.database());
  session.defer(app, () => app.close());
  const tenancy = app.get(Tenancy);
  show(await organizations(pools, tenancy));
  show(await people(pools, app.get(SnapshotSource)));
  const { seedPassword } = session.config();
  if (seedPassword === undefined || !(await demoIsThere(pools))) {
    session.out.line('The demo organizations are not there, so no requests were made.');
    return;
  }
  await app.listen(0, '127.0.0.1');
  show(await requests(await app.getUrl(), seedPassword, tenancy));
}

async function demoIsThere(pools: Pools): Promise<boolean> {
  const { rows } = await pools
    .get('platform')
    .query<{ there: boolean }>(
      `select count(*) = $2 as there from core.organizations where id = any ($1) and deleted_at is null`,
      [ORGANIZATIONS.map(({ code }) => organizationId(code)), ORGANIZATIONS.length],
    );
  return rows[0]?.there === true;
}

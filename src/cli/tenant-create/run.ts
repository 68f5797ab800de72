import { isUuid } from '../../common/ids.js';
import { NewTenants } from '../../modules/tenants/index.js';
import { type Mail, Mailer } from '../../platform/mail/index.js';
import { emptyScope, runInScope } from '../../platform/tenancy/index.js';
import { usage } from '../exit.js';
import { reasonOf } from '../half-made.js';
import type { Session } from '../session.js';

interface Options {
  readonly code: string;
  readonly name: string;
  readonly adminEmail: string;
  readonly tier: string;
  readonly id?: string;
  readonly isolation: string;
  readonly server?: string;
  readonly schemaName?: string;
}

export async function run(session: Session, options: Options) {
  const { code, name, adminEmail, tier, id: chosen, isolation, server, schemaName } = options;
  if (chosen !== undefined && !isUuid(chosen)) throw usage(`"${String(chosen)}" is no uuid.`);
  const services = await session.services();
  const tenants = services.get(NewTenants);
  const mails: Mail[] = [];
  services.get(Mailer).tell((mail) => mails.push(mail));
  const body = {
    ...{ tenant_code: code, tenant_name: name, admin_email: adminEmail, license_tier: tier, isolation },
    ...(server === undefined ? {} : { server }),
  };
  const { id, isFinished } = await runInScope(emptyScope(), () =>
    tenants.make(body, { id: chosen?.toLowerCase(), schemaName }),
  );
  if (isFinished) session.out.line(`✓ Created ${code} (${isolation}), id ${id}.`);
  else {
    session.out.line(`✗ ${code}, id ${id}, is half-made, and nobody gets in: ${await reasonOf(services, id)}`);
    session.out.line(`Finish it by: tenantry tenant:resume ${code}`);
  }
  for (const { to, text } of mails)
    session.out.line(`There is no mail server. Hand this to ${to} yourself:\n\n${text}`);
  const [{ token } = {}] = mails;
  const status = isFinished ? 'ready' : 'provisioning';
  return { ok: isFinished, id, tenant_code: code, isolation, status, invitation_token: token };
}

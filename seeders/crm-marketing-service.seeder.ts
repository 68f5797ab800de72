import { madeAt, ownerInTurn, type Owners, seedBusiness } from './business.js';
import { LEADS, PHONES } from './data/leads.js';
import type { OrganizationData } from './data/organizations.js';
import type { Row } from './rows.js';
import type { Seeder } from './seeder.js';
import { stableId } from './stable-id.js';

export const crmMarketingService: Seeder = {
  name: 'crm-marketing-service',
  about: 'leads of every demo organization',
  dependsOn: ['demo'],
  demo: true,
  run: (seeding) => seedBusiness(seeding, { module: 'crm', table: 'crm_leads', plural: 'leads', rowsOf: leadRows }),
};

function leadRows({ code, settings }: OrganizationData, owners: Owners): Row[] {
  const leads = (LEADS[code] ?? []).flatMap(({ company, domain, tags, leads }) =>
    leads.map((lead) => ({ ...lead, company, domain, tags })),
  );
  return leads.map(({ name, company, domain, tags, source, status, value }, number) => ({
    organization_id: stableId('organization', code),
    id: stableId('crm-marketing-service', code, 'lead', name),
    owner_id: ownerInTurn(number, owners),
    tags,
    metadata: {},
    version: 1,
    created_at: madeAt(number),
    updated_at: madeAt(number),
    name,
    company,
    email: `${name.toLowerCase().replace(' ', '.').replaceAll(' ', '')}@${domain}`,
    phone: `${PHONES[code] ?? ''}${String(number + 10)}`,
    source,
    status,
    estimated_value: value,
    currency: settings['currency'],
  }));
}

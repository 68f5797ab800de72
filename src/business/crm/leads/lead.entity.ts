import { defineEntity, p } from '@mikro-orm/postgresql';
import { decimal, businessRecord, businessTable, oneOf } from '../../../platform/database/index.js';

export const LEAD_STATUSES = ['new', 'contacted', 'qualified', 'lost', 'converted'] as const;

const LeadSchema = defineEntity({
  name: 'Lead',
  ...businessTable('crm_leads'),
  checks: [oneOf('crm_leads', 'status', LEAD_STATUSES)],
  properties: {
    ...businessRecord,
    name: p.string().length(200),
    company: p.string().length(255).nullable(),
    email: p.string().length(255).nullable(),
    phone: p.string().length(255).nullable(),
    source: p.string().length(255).nullable(),
    status: p.string().length(10).default('new').$type<(typeof LEAD_STATUSES)[number]>(),
    estimatedValue: decimal(18, 2).nullable(),
    currency: p.character().length(3).nullable(),
  },
});
export class Lead extends LeadSchema.class {}
LeadSchema.setClass(Lead);

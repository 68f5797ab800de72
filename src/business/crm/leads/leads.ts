import { defineResource } from '../../../platform/resources/index.js';
import { CreateLead, LeadRow } from './lead.dto.js';
import { Lead } from './lead.entity.js';

export const Leads = defineResource({
  access: 'crm.leads',
  entity: Lead,
  create: CreateLead,
  row: LeadRow,
  filters: ['status', 'source', 'company', 'email', 'currency', 'estimated_value'],
  search: ['name', 'company', 'email', 'phone'],
  sort: ['name', 'company', 'status', 'source', 'estimated_value'],
  machine: {
    status: {
      new: ['contacted', 'lost'],
      contacted: ['qualified', 'lost'],
      qualified: ['lost'],
      lost: ['new'],
      // reached by `convert` alone
      converted: [],
    },
  },
});

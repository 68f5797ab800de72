import { Body, Controller, Post } from '@nestjs/common';
import { EntityManager } from '@mikro-orm/postgresql';
import { CreateLead, LeadRow } from '../../src/business/crm/leads/lead.dto.js';
import { Lead } from '../../src/business/crm/leads/lead.entity.js';
import { RequireAccess } from '../../src/platform/access/index.js';
import { currentPlacement, currentScope, Tenancy } from '../../src/platform/tenancy/index.js';

/** Makes a lead as a use case does that touches more than one row: persist and flush in a unit of work. */
@Controller('bench/leads')
export class UnitController {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly em: EntityManager,
  ) {}

  @Post()
  @RequireAccess('crm.leads', 'create')
  async create(
    @Body() { name, company, email, phone, source, estimated_value, currency }: CreateLead,
  ): Promise<LeadRow> {
    const { actor } = currentScope();
    const { organizationId } = currentPlacement();
    const given = {
      name,
      company,
      email,
      phone,
      source,
      currency,
      estimatedValue: estimated_value,
      tags: [],
      metadata: {},
    };
    const lead = await this.tenancy.transaction(async () => {
      const made = this.em.create(Lead, { ...given, organizationId, ownerId: actor.id });
      await this.em.persist(made).flush();
      return made;
    });
    return rowOf(lead);
  }
}

const rowOf = (lead: Lead): LeadRow =>
  Object.assign(new LeadRow(), {
    id: lead.id,
    tenant_id: lead.organizationId,
    owner_id: lead.ownerId ?? null,
    tags: lead.tags,
    metadata: lead.metadata,
    version: lead.version,
    created_at: lead.createdAt.toISOString(),
    updated_at: lead.updatedAt.toISOString(),
    created_by: lead.createdBy ?? null,
    updated_by: lead.updatedBy ?? null,
    deleted_at: null,
    name: lead.name,
    company: lead.company ?? null,
    email: lead.email ?? null,
    phone: lead.phone ?? null,
    source: lead.source ?? null,
    status: lead.status,
    estimated_value: lead.estimatedValue ?? null,
    currency: lead.currency ?? null,
    is_active: true,
    is_deleted: false,
  });

import { defineEntity, p } from '@mikro-orm/postgresql';
import { id, instant, lowerOf, oneOf, organizationWall, softDelete, stamps, version } from '../database/index.js';
import { Location } from './location.entity.js';

const OrganizationSchema = defineEntity({
  name: 'Organization',
  schema: 'core',
  tableName: 'organizations',
  ...organizationWall,
  checks: [
    oneOf('organizations', 'status', ['active', 'suspended', 'inactive']),
    {
      name: 'organizations_tenant_code_check',
      expression: `tenant_code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{1,49}$'`,
    },
    // whoever would bring it back comes too late
    { name: 'organizations_purge_check', expression: 'purge is null or deleted_at is not null' },
  ],
  uniques: [
    // not partial: a code stays taken after deletion until the purge
    { name: 'organizations_tenant_code_key', properties: ['tenantCodeLower'] },
    {
      name: 'organizations_domain_key',
      properties: ['domainLower'],
      where: 'deleted_at is null and domain_verified_at is not null',
    },
    { name: 'organizations_subdomain_key', properties: ['subdomainLower'], where: 'deleted_at is null' },
  ],
  indexes: [{ name: 'organizations_location_idx', properties: ['location'] }],
  properties: {
    ...id,
    tenantCode: p.string().length(50),
    tenantCodeLower: lowerOf('tenant_code', 50),
    tenantName: p.string().length(100),
    domain: p.string().length(255).nullable(),
    domainLower: lowerOf('domain', 255),
    domainVerifiedAt: instant().nullable(),
    subdomain: p.string().length(100).nullable(),
    subdomainLower: lowerOf('subdomain', 100),
    settings: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    status: p.string().length(10).default('active').$type<'active' | 'suspended' | 'inactive'>(),
    licenseTier: p.string().length(50).default('free'),
    enabledModules: p.json<Record<string, boolean>>().defaultRaw(`'{}'`),
    location: () => p.manyToOne(Location).ref().nullable().deleteRule('no action').updateRule('no action'),
    epoch: p.integer().default(1).hidden(),
    adminEmail: p.string().length(255).nullable(),
    // set once it is being purged: what has been counted of it
    purge: p.json<Record<string, unknown>>().nullable().hidden(),
    ...version,
    ...stamps,
    ...softDelete,
  },
});
export class Organization extends OrganizationSchema.class {}
OrganizationSchema.setClass(Organization);

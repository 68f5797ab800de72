import { describe, it, expect } from '@jest/globals';
import { defineEntity, p } from '@mikro-orm/postgresql';
import { IsOptional } from 'class-validator';
import { businessRecord, businessTable, lowerOf, oneOf } from '../../database/index.js';
import { BusinessInput, BusinessRow } from '../dto/business.dto.js';
import { IsName, IsText, IsWholeNumber } from '../dto/validators.js';
import { checkBody } from '../../http/index.js';
import { defineResource } from './define-resource.js';
import type { ResourceInput } from './resource.js';

const schemaOf = (table: string, more = {}) =>
  defineEntity({
    name: `Spec${table}`,
    ...businessTable(table),
    checks: [oneOf(table, 'status', ['open', 'closed'])],
    properties: {
      ...businessRecord,
      name: p.string().length(200),
      code: p.string().length(20).nullable(),
      codeLower: lowerOf('code', 20),
      status: p.string().length(10).default('open'),
      settings: p.json().defaultRaw(`'{}'`),
      ...more,
    },
  });
const AssignmentSchema = schemaOf('asset_assignments');
class Assignment extends AssignmentSchema.class {}
AssignmentSchema.setClass(Assignment);
const DriverSchema = schemaOf('transport_drivers', { spot: p.type('point') });
class Driver extends DriverSchema.class {}
DriverSchema.setClass(Driver);

class CreateAssignment extends BusinessInput {
  @IsName() name: string;
  @IsOptional() @IsText(20) code?: string | null;
}
class Misspelt extends CreateAssignment {
  @IsText() nmae: string;
}
class Presumptuous extends CreateAssignment {
  @IsWholeNumber() version: number;
}
class AssignmentRow extends BusinessRow {}

const valid: ResourceInput<AssignmentRow> = {
  access: 'asset.assignments',
  entity: Assignment,
  create: CreateAssignment,
  row: AssignmentRow,
};
const machine = { status: { open: ['closed'], closed: [] } };

describe('defineResource', () => {
  it('takes names and path from the registry, and columns from the table', () => {
    const resource = defineResource({ ...valid, machine });
    expect(resource).toMatchObject({
      key: 'asset_assignments',
      path: 'asset/assignments',
      idParameter: 'assignment_id',
    });
    expect([...resource.table.columns.keys()]).toEqual([
      'id', 'tenant_id', 'name', 'code', 'status', 'settings', 'owner_id', 'tags', 'metadata', 'version',
      'created_at', 'updated_at', 'created_by', 'updated_by', 'deleted_at',
    ]); // prettier-ignore
    expect(resource.times).toEqual(['created_at', 'updated_at', 'deleted_at']);
    expect(resource.permissions.manage.code).toBe('asset_assignments_manage');
    expect(resource.machines[0]).toMatchObject({ first: 'open' });
  });
  it('never selects a hidden or generated column', () => {
    expect(defineResource(valid).select('t')).not.toContain('code_lower');
  });
  it('makes PATCH of POST: nothing required, and no tenant', () => {
    const { update = CreateAssignment } = defineResource(valid);
    expect(update.name).toBe('UpdateAssignment');
    expect(checkBody(update, {}).ok).toBe(true);
    expect(checkBody(update, { code: null, tags: [] }).ok).toBe(true);
    expect(checkBody(update, { name: ' ' }).ok).toBe(false);
    expect(checkBody(update, { tenant_id: '01a00000-0000-7000-8000-0000000000a1' }).ok).toBe(false);
  });
  it.each<[string, Partial<ResourceInput<AssignmentRow>>, string]>([
    ['an access that is not registered', { access: 'asset.assignmnts' }, 'not in the module registry'],
    ['a module without its submodule', { access: 'asset' }, 'not in the module registry'],
    ['a table of another name', { access: 'asset.maintenance' }, 'must be called asset_maintenance'],
    ['a filter by what is no column', { filters: ['nmae'] }, 'filters names nmae'],
    ['a filter by a hidden column', { filters: ['code_lower'] }, 'filters names code_lower'],
    ['a filter by jsonb', { filters: ['settings'] }, 'settings, which is jsonb'],
    ['a sort by what is no column', { sort: ['age'] }, 'sort names age'],
    ['a search in a number', { search: ['version'] }, 'version, which is no text'],
    ['a machine without its column', { machine: { stage: { a: [] } } }, 'machine names stage'],
    ['a state that the check forbids', { machine: { status: { open: [], gone: [] } } }, 'status cannot be "gone"'],
    ['a step to nowhere', { machine: { status: { open: ['closed'] } } }, 'no line that begins with "closed"'],
    ['a body with a property that is no column', { create: Misspelt }, 'Misspelt has nmae'],
    ['a body that sets what the system keeps', { create: Presumptuous }, 'Presumptuous has version'],
    [
      'a column of an unheard-of type',
      { access: 'transport.drivers', entity: Driver },
      'transport_drivers.spot has the type point',
    ],
  ])('refuses %s', (_, change, sentence) => {
    expect(() => defineResource({ ...valid, ...change })).toThrow(sentence);
  });
});

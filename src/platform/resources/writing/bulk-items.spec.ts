import { describe, it, expect } from '@jest/globals';
import { defineEntity, p } from '@mikro-orm/postgresql';
import { Problem } from '../../../common/problem.js';
import { businessRecord, businessTable } from '../../database/index.js';
import { defineResource } from '../definition/define-resource.js';
import { BusinessInput, BusinessRow } from '../dto/business.dto.js';
import { IsName } from '../dto/validators.js';
import { checkItems, readItems } from './bulk-items.js';

const AccountSchema = defineEntity({
  name: 'SpecAccount',
  ...businessTable('finance_accounts'),
  properties: { ...businessRecord, name: p.string().length(200) },
});
class Account extends AccountSchema.class {}
AccountSchema.setClass(Account);
class CreateAccount extends BusinessInput {
  @IsName() name: string;
}
class SpecAccountRow extends BusinessRow {}
const Accounts = defineResource({
  access: 'finance.accounts',
  entity: Account,
  create: CreateAccount,
  row: SpecAccountRow,
});

const ID = '01a00000-0000-7000-8000-0000000000a1';
const read = (items: unknown) => checkItems(Accounts, readItems({ items }));
const faultsOf = (body: unknown): string[] => {
  try {
    checkItems(Accounts, readItems(body));
  } catch (error) {
    if (error instanceof Problem) return error.extras.errors?.map(({ path, code }) => `${path} ${code}`) ?? [];
  }
  return [];
};

describe('the items of a bulk', () => {
  it('are creates without an id, updates with one, or what `op` says', () => {
    expect(
      read([
        { name: 'a' },
        { id: ID.toUpperCase(), name: 'b' },
        { op: 'delete', id: ID, version: 3 },
        { op: 'create', name: 'c' },
      ]),
    ).toEqual([
      { op: 'create', input: { name: 'a' } },
      { op: 'update', id: ID, version: undefined, input: { name: 'b' } },
      { op: 'delete', id: ID, version: 3 },
      { op: 'create', input: { name: 'c' } },
    ]);
  });
  it('are judged all at once, each fault at its place', () => {
    const items = [
      { name: '' },
      { id: 'x' },
      { op: 'create', id: ID, name: 'a' },
      { op: 'delete', id: ID, name: 'a' },
      { id: ID, name: null, version: 0 },
    ];
    expect(faultsOf({ items })).toEqual([
      'items.0.name not_blank',
      'items.1.id is_uuid',
      'items.2.id unknown_property',
      'items.3.name unknown_property',
      'items.4.version is_int',
      'items.4.name not_null',
    ]);
  });
  it.each<[string, unknown, string[]]>([
    ['no body', undefined, ['items is_array']],
    ['a list', [{ name: 'a' }], ['items is_array']],
    ['no items', { items: [] }, ['items is_array']],
    ['more than 500', { items: Array(501).fill({ name: 'a' }) }, ['items is_array']],
    ['something beside the items', { items: [{ name: 'a' }], dry_run: true }, ['dry_run unknown_property']],
    [
      'items that are none',
      { items: [1, null, { op: 'merge' }] },
      ['items.0 is_object', 'items.1 is_object', 'items.2.op is_in'],
    ],
  ])('refuse %s', (_, body, faults) => {
    expect(faultsOf(body)).toEqual(faults);
  });
  it('tell of at most 100 faults', () => {
    expect(faultsOf({ items: Array(300).fill({}) })).toHaveLength(100);
  });
});

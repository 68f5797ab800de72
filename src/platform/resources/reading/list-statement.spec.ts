import { describe, it, expect } from '@jest/globals';
import { defineEntity, p } from '@mikro-orm/postgresql';
import { encodeCursor } from '../../../common/cursor.js';
import { Problem } from '../../../common/problem.js';
import { businessRecord, businessTable, oneOf } from '../../database/index.js';
import { defineResource } from '../definition/define-resource.js';
import { BusinessInput, BusinessRow } from '../dto/business.dto.js';
import { IsName } from '../dto/validators.js';
import type { Reach } from '../reach.js';
import { parseListQuery } from './list-query.js';
import { narrowed } from '../definition/narrowed.js';
import { getStatement, listStatement } from './list-statement.js';
import { pageOf } from './rows.js';

const TABLE = 'transport_vehicles';
const VehicleSchema = defineEntity({
  name: 'SpecVehicle',
  ...businessTable(TABLE),
  checks: [oneOf(TABLE, 'status', ['active', 'retired'])],
  properties: {
    ...businessRecord,
    plate: p.string().length(20),
    maker: p.string().length(50).nullable(),
    seats: p.integer(),
    price: p.decimal('string').precision(18).scale(2).nullable(),
    status: p.string().length(10).default('active'),
  },
});
class Vehicle extends VehicleSchema.class {}
VehicleSchema.setClass(Vehicle);
class CreateVehicle extends BusinessInput {
  @IsName(20) plate: string;
}
class SpecVehicleRow extends BusinessRow {}
const Vehicles = defineResource({
  access: 'transport.vehicles',
  entity: Vehicle,
  create: CreateVehicle,
  row: SpecVehicleRow,
  filters: ['status', 'seats', 'maker', 'price'],
  search: ['plate', 'maker'],
  sort: ['plate', 'maker', 'seats'],
});

const ORG = '01a00000-0000-7000-8000-0000000000a1';
const ME = '01a00000-0000-7000-8000-0000000000c1';
const ALL: Reach = { kind: 'all' };
const WHERE = '"organization_id" = $1 and "deleted_at" is null';

const parse = (query: string) => parseListQuery(Vehicles.listing, query);
const whole = (query: string, reach: Reach = ALL) => listStatement(Vehicles, parse(query), reach, ORG);
/** What follows the select list, and the values behind the organization. */
const shape = (query: string, reach?: Reach): [string, ...unknown[]] => {
  const { text, values } = whole(query, reach);
  return [text.slice(text.indexOf(' where ') + 7), ...values.slice(1)];
};
const faultsOf = (query: string): string[] => {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof Problem) return error.extras.errors?.map(({ path, code }) => `${path} ${code}`) ?? [];
  }
  return [];
};

describe('a list', () => {
  it('is of the living of one organization, the newest first, with one row more than the page', () => {
    expect(shape('')).toEqual([`${WHERE} order by "created_at" desc, "id" desc limit 101`]);
    expect(whole('').values).toEqual([ORG]);
  });
  it('selects every column under its wire name, and the two flags', () => {
    const { text } = whole('');
    expect(text).toContain('select "id", "organization_id" as "tenant_id", "plate"');
    expect(text).toContain(`("deleted_at" is null and "status" = 'active') as "is_active"`);
    expect(text).toContain('("deleted_at" is not null) as "is_deleted"');
  });
  it('has the same name for the same shape, whatever the values', () => {
    expect(whole('status=active&limit=20').name).toBe(whole('limit=20&status=retired').name);
    expect(whole('status=active').name).not.toBe(whole('maker=null').name);
  });
  it('keeps to the record scope', () => {
    expect(shape('', { kind: 'own', userId: ME })).toEqual([
      `${WHERE} and "owner_id" = $2 order by "created_at" desc, "id" desc limit 101`,
      ME,
    ]);
    expect(shape('', { kind: 'team', userIds: [ME, ORG] })[0]).toContain('and "owner_id" = any($2::uuid[])');
  });
  it.each<[string, string, ...unknown[]]>([
    ['status=active', '"status" = $2', 'active'],
    ['status=active,retired', '"status" = any($2)', ['active', 'retired']],
    ['maker=null', '"maker" is null'],
    ['maker=Saab,null', '("maker" = $2 or "maker" is null)', 'Saab'],
    ['seats_gte=4&seats_lt=9', '"seats" >= $2 and "seats" < $3', 4, 9],
    ['price_lt=10.50', '"price" < $2', '10.50'],
    ['tags=a,b', '"tags" ?| $2::text[]', ['a', 'b']],
    ['is_active=true', `("deleted_at" is null and "status" = 'active')`],
    ['is_active=false', `not ("deleted_at" is null and "status" = 'active')`],
    [`owner_id=${ME.toUpperCase()}`, '"owner_id" = $2', ME],
    ['maker=a%2Cb+c', '"maker" = any($2)', ['a', 'b c']],
  ])('narrows by %s', (query, predicate, ...values) => {
    expect(shape(query)).toEqual([
      `${WHERE} and ${predicate} order by "created_at" desc, "id" desc limit 101`,
      ...values,
    ]);
  });
  it('looks into every searched column, with what LIKE would take for a pattern escaped', () => {
    expect(shape('q=50%25_%5C')).toEqual([
      `${WHERE} and ("plate" ilike $2 collate pg_c_utf8 or "maker" ilike $2 collate pg_c_utf8) order by "created_at" desc, "id" desc limit 101`,
      '%50\\%\\_\\\\%',
    ]);
  });
  it('shows the deleted alone', () => {
    expect(shape('is_deleted=true')[0]).toContain('"deleted_at" is not null order by');
  });
  it('sorts with a total order, null last, and ties in the direction of the first column', () => {
    expect(shape('sort=-maker,seats')[0]).toContain('order by "maker" desc nulls last, "seats", "id" desc limit');
    expect(shape('sort=id,seats')[0]).toContain('order by "id" limit');
  });
  it('counts beside the page', () => {
    const { text } = whole('with_total=true&skip=40&limit=7');
    expect(text).toMatch(
      /^select t\.\*, p\.\* from \(select count\(\*\) as "#total" from "transport_vehicles" where [^)]*\) t left join \(select/,
    );
    expect(text).toMatch(/limit \$2 offset \$3\) p on true order by p\."created_at" desc, p\."id" desc$/);
  });
});

describe('the query of a list', () => {
  it('refuses everything that is wrong with it at once, each at its name', () => {
    expect(
      faultsOf('limit=501&skip=-1&q=a&sort=tags&seats=x&owner_id=1&status=new&price=NaN&nope=1&with_total=1'),
    ).toEqual([
      'limit is_int',
      'skip is_int',
      'q min_length',
      'sort unknown_column',
      'seats is_int',
      'owner_id is_uuid',
      'status is_in',
      'price is_decimal',
      'nope unknown_parameter',
      'with_total is_boolean',
    ]);
  });
  it.each([
    ['status=active&status=retired', 'status duplicate_parameter'],
    ['status[]=active', 'status[] unknown_parameter'],
    ['constructor=1', 'constructor unknown_parameter'],
    ['__proto__=1', '__proto__ unknown_parameter'],
    ['maker=%00', 'maker nul_character'],
    ['seats=2147483648', 'seats is_int'],
    ['created_at_gte=2026-02-30T00:00:00Z', 'created_at_gte is_time'],
    ['created_at_lt=infinity', 'created_at_lt is_time'],
    ['sort=plate,-plate', 'sort duplicate_column'],
    ['sort=', 'sort unknown_column'],
    ['tags_gte=a', 'tags_gte unknown_parameter'],
    ['plate=x', 'plate unknown_parameter'],
    ['include=creator', 'include is_in'],
    ['cursor=x', 'cursor invalid_cursor'],
  ])('refuses %s', (query, fault) => {
    expect(faultsOf(query)).toEqual([fault]);
  });
  it('takes no paging for a file', () => {
    for (const name of ['skip', 'limit', 'cursor', 'with_total'])
      expect(() => parseListQuery(Vehicles.listing, `${name}=1`, 'export')).toThrow();
    expect(parseListQuery(Vehicles.listing, 'sort=-plate,maker&status=active', 'export').conditions).toHaveLength(1);
  });
});

describe('paging by cursor', () => {
  const row = (n: number) => ({
    id: `01a00000-0000-7000-8000-00000000000${String(n)}`,
    created_at: `2026-11-20 15:53:5${String(n)}.1+00`,
    maker: n % 2 ? null : `m${String(n)}`,
  });
  const cursorOf = (query: string): string => {
    const wanted = parse(query);
    return pageOf([row(1), row(2), row(3)], wanted, Vehicles).next_cursor ?? '';
  };

  it('goes on behind the last row of the page, by one comparison that an index serves', () => {
    const cursor = cursorOf('limit=2');
    expect(shape(`limit=2&cursor=${cursor}`)).toEqual([
      `${WHERE} and ("created_at", "id") < ($2, $3) order by "created_at" desc, "id" desc limit $4`,
      '2026-11-20T15:53:52.100Z',
      row(2).id,
      3,
    ]);
  });
  it('goes on behind a value that can be null, and behind null', () => {
    expect(shape(`sort=maker&limit=2&cursor=${cursorOf('sort=maker&limit=2')}`).slice(0, 3)).toEqual([
      `${WHERE} and ("maker" > $2::text or "maker" is null or ("maker" = $2::text and ("id" > $3::uuid))) order by "maker" nulls last, "id" limit $4`,
      'm2',
      row(2).id,
    ]);
    const cursor = cursorOf('sort=-maker&limit=1');
    expect(shape(`sort=-maker&limit=1&cursor=${cursor}`)).toEqual([
      `${WHERE} and ("maker" is null and ("id" < $2::uuid)) order by "maker" desc nulls last, "id" desc limit 2`,
      row(1).id,
    ]);
  });
  it('is bound to sort and filters, in whatever order they are written', () => {
    const cursor = cursorOf('limit=2&status=active&seats=4');
    expect(faultsOf(`seats=4&status=active&cursor=${cursor}&limit=9&sort=-created_at`)).toEqual([]);
    for (const query of ['', 'status=active&', 'status=active&seats=5&', 'status=active&seats=4&sort=created_at&'])
      expect(faultsOf(`${query}cursor=${cursor}`)).toEqual(['cursor invalid_cursor']);
  });
  it('does not go together with skip, or with a sort of both directions', () => {
    const cursor = cursorOf('limit=2');
    expect(faultsOf(`cursor=${cursor}&skip=0`)).toEqual(['cursor cursor_with_skip']);
    expect(faultsOf(`cursor=${cursor}&sort=plate,-seats`)).toEqual(['cursor cursor_with_mixed_sort']);
    expect(pageOf([row(1), row(2)], parse('sort=plate,-seats&limit=1'), Vehicles).next_cursor).toBeNull();
  });
  it('takes no value that its column cannot have, though the check is right', () => {
    const { binding } = parse('');
    const forged = (...values: (string | null)[]) => faultsOf(`cursor=${encodeCursor(values, binding())}`);
    expect(forged('2026-11-20T15:53:52.100Z', ORG)).toEqual([]);
    expect(forged('yesterday', ORG)).toEqual(['cursor invalid_cursor']);
    expect(forged(null, ORG)).toEqual(['cursor invalid_cursor']);
    expect(forged(ORG)).toEqual(['cursor invalid_cursor']);
  });
});

describe('a page', () => {
  it('answers the total on an empty page too', () => {
    const page = pageOf([{ '#total': '57', id: null, created_at: null }], parse('with_total=true&skip=100'), Vehicles);
    expect(page).toEqual({ items: [], next_cursor: null, total: 57 });
  });
  it('writes times as RFC 3339 and leaves the total out of its rows', () => {
    const rows = [{ '#total': '1', id: ORG, created_at: '2026-11-20 15:53:55.12+00' }];
    expect(pageOf(rows, parse('with_total=true'), Vehicles)).toEqual({
      items: [{ id: ORG, created_at: '2026-11-20T15:53:55.120Z' }],
      next_cursor: null,
      total: 1,
    });
  });
});

describe('getStatement', () => {
  const ID = '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11';
  it('is written anew for a resource that a service has narrowed', () => {
    const team: Reach = { kind: 'team', userIds: [ID] };
    const textOf = (scope: string | undefined) => getStatement(narrowed(Vehicles, { scope }), ID, team, ID).text;
    expect(textOf(undefined)).not.toContain('any(');
    expect(textOf('"owner_id"')).toContain('"owner_id" = any(');
    expect(textOf(undefined)).not.toContain('any(');
  });
});

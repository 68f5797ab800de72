import { describe, it, expect } from '@jest/globals';
import { checkBody } from '../../http/index.js';
import * as validators from './validators.js';

const accepts = (decorator: PropertyDecorator, value: unknown): boolean => {
  class Probe {
    field: unknown;
  }
  decorator(Probe.prototype, 'field');
  return checkBody(Probe, { field: value }).ok;
};

describe.each<[string, PropertyDecorator, unknown[], unknown[]]>([
  ['IsName', validators.IsName(), ['Ada', ' x ', 'ü'.repeat(200)], ['', '  ', '\n', 'x'.repeat(201), 5, null, ['a']]],
  ['IsText', validators.IsText(), ['', ' ', 'x'.repeat(255)], ['x'.repeat(256), 5, null, {}]],
  [
    'IsEmailAddress',
    validators.IsEmailAddress(),
    ['ada@example.com'],
    ['ada', 'ada@', '@x.y', 5, `${'a'.repeat(250)}@x.com`],
  ],
  [
    'IsPhone',
    validators.IsPhone(),
    ['+1234567890', '+49 (0)30 123-456', '112'],
    ['12', 'phone', '+', '1'.repeat(16), `1${' '.repeat(60)}23`, 123456],
  ],
  [
    'IsWebAddress',
    validators.IsWebAddress(),
    ['https://example.com/ada.png', 'http://localhost:3000', 'https://ü.example/a?b=c#d'],
    [
      ...['', 'example.com', '//example.com', 'ftp://example.com', 'javascript:alert(1)', ' https://example.com'],
      ...[
        'https://',
        'https://a b',
        'https://[',
        'data:text/html,x',
        `https://${'x'.repeat(250)}`,
        5,
        null,
        ['https://x'],
      ],
    ],
  ],
  [
    'IsMoney',
    validators.IsMoney(),
    ['0', '-5', '1250.00', '9999999999999999.99', '0.5'],
    ['', '1.234', '10000000000000000', '1e3', '.5', '5.', '05', '+5', 'NaN', '1,5', 5, null],
  ],
  [
    'IsDecimalText above 0',
    validators.IsDecimalText(18, 4, { above: 0 }),
    ['0.0001', '12'],
    ['0', '0.0000', '-1', '0.00001'],
  ],
  ['IsCurrencyCode', validators.IsCurrencyCode(), ['EUR'], ['eur', 'EURO', 'E1R', '', 5]],
  ['IsWholeNumber', validators.IsWholeNumber(1, 9), [1, 9], [0, 10, 1.5, '5', null, NaN]],
  ['IsOneOf', validators.IsOneOf(['a', 'b']), ['a'], ['c', '', ['a'], null]],
  [
    'IsTime',
    validators.IsTime(),
    ['2026-11-20T15:53:55.120Z'],
    ['2026-11-20', '2026-11-20T15:53:55.1201Z', 5, new Date()],
  ],
  ['IsDay', validators.IsDay(), ['2026-11-20'], ['2026-11-31', '20.11.2026', 5]],
  [
    'IsTags',
    validators.IsTags(),
    [[], ['a', 'ü'.repeat(50)]],
    ['a', [''], [1], ['x'.repeat(51)], Array(51).fill('a'), null, {}],
  ],
  ['IsFreeForm', validators.IsFreeForm(), [{}, { a: [1] }], [[], 'a', 1, null]],
])('%s', (_, decorator, good, bad) => {
  it.each(good.map((value) => [value]))('takes %j', (value) => {
    expect(accepts(decorator, value)).toBe(true);
  });
  it.each(bad.map((value) => [value]))('refuses %j', (value) => {
    expect(accepts(decorator, value)).toBe(false);
  });
});

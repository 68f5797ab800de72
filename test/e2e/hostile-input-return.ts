import { isDeepStrictEqual } from 'node:util';

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What a record no longer is as it was sent. What only stands for the same is: an id in capitals, and in one of the
 * columns that hold decimals `1.5` for `1.50`.
 */
export function faultsOfReturn(
  sent: unknown,
  stored: Readonly<Record<string, unknown>> | undefined,
  decimals: ReadonlySet<string>,
): string[] {
  if (typeof sent !== 'object' || sent === null) return [];
  return Object.entries(sent).flatMap(([name, value]) => {
    // what speaks of the item of a bulk; and a tenant may be left open
    if (name === 'op' || name === 'version' || (name === 'tenant_id' && value === null)) return [];
    const back = stored?.[name];
    const isSame = decimals.has(name) ? number(value) === number(back) : isDeepStrictEqual(plain(value), plain(back));
    return isSame ? [] : [`${name} came back as ${JSON.stringify(back)}`];
  });
}

/** As JSON has it, where there is no -0; an id in small letters. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return UUID.test(value) ? value.toLowerCase() : value;
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

/** A decimal number without the digits that do not count. */
function number(value: unknown): unknown {
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(String(value)) ?? [];
  if (whole === '') return value;
  const digits = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`;
  return digits === '0.' ? digits : sign + digits;
}

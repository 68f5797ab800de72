import { isDeepStrictEqual } from 'node:util';

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const UUID = /^[0-9a-f]{8}-/i;

/** What a record no longer is as it was sent. What only stands for the same (`1.5` for `1.50`, an id in capitals) is. */
export function faultsOfReturn(sent: unknown, stored: Readonly<Record<string, unknown>> | undefined): string[] {
  if (typeof sent !== 'object' || sent === null) return [];
  return Object.entries(sent).flatMap(([name, value]) => {
    // of a bulk's items; and a tenant may be left open
    if (name === 'op' || name === 'version' || (name === 'tenant_id' && value === null)) return [];
    return isSame(value, stored?.[name]) ? [] : [`${name} came back as ${JSON.stringify(stored?.[name])}`];
  });
}

function isSame(sent: unknown, stored: unknown): boolean {
  if (typeof sent === 'string' && typeof stored === 'string') return sent === stored || plain(sent) === plain(stored);
  // as JSON has it: there is no -0
  return isDeepStrictEqual(JSON.parse(JSON.stringify(sent)), stored);
}

/** A decimal number without what does not count, an id in small letters. */
function plain(text: string): string {
  const [, sign, whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) return UUID.test(text) ? text.toLowerCase() : text;
  const digits = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`;
  return digits === '0.' ? digits : sign + digits;
}

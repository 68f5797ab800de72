import { faultOfText } from '../../../common/json.js';
import { ValidationFailed, type FieldFault } from '../../../common/problem.js';

/** Characters of a caller's own parameter name that come back to him. */
const MAX_NAME = 100;
/** Faults told at once. */
const MAX_FAULTS = 100;

export const fault = (path: string, code: string, message: string): FieldFault => ({ path, code, message });

/** What stands behind the `?` of a request's URL; '' where nothing does. */
export function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}

/**
 * Hands each parameter to `take`, which answers the fault of what it cannot use. A parameter that comes twice is one:
 * none of ours is a list of parameters. @throws ValidationFailed with every fault found
 */
export function readQuery(query: string, take: (name: string, value: string) => FieldFault | undefined): void {
  if (query === '') return;
  const faults: FieldFault[] = [];
  const seen = new Set<string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decoded(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? '' : decoded(pair.slice(at + 1));
    const wrong = faultOfPair(name, value, seen) ?? take(name, value);
    if (wrong !== undefined) faults.push(wrong);
    seen.add(name);
    if (faults.length === MAX_FAULTS) break;
  }
  if (faults.length > 0) throw ValidationFailed({ errors: faults });
}

/** What takes a parameter that is a whole number into the draft of a query. */
export function wholeNumber<Draft>(
  name: string,
  min: number,
  max: number,
  set: (draft: Draft, value: number) => void,
): (draft: Draft, text: string) => FieldFault | undefined {
  const wrong = fault(name, 'is_int', `must be a whole number from ${String(min)} to ${String(max)}`);
  return (draft, text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) return wrong;
    set(draft, value);
    return undefined;
  };
}

export const unknownParameter = (name: string): FieldFault =>
  fault(name.slice(0, MAX_NAME).toWellFormed(), 'unknown_parameter', 'is not a known parameter');

function faultOfPair(name: string, value: string, seen: ReadonlySet<string>): FieldFault | undefined {
  const path = name.slice(0, MAX_NAME).toWellFormed();
  if (seen.has(name)) return fault(path, 'duplicate_parameter', 'is given twice');
  const unfit = faultOfText(name) ?? faultOfText(value);
  return unfit && { ...unfit, path };
}

/** Broken escapes were refused before the route was found (http/install-http.ts). */
function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}

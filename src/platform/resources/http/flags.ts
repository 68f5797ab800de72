import type { FastifyRequest } from 'fastify';
import { fault, queryOf, readQuery, unknownParameter } from '../reading/query-string.js';

/** Of a route that takes no parameters. */
export const refuseQuery = ({ url }: Pick<FastifyRequest, 'url'>): void => readQuery(queryOf(url), unknownParameter);

/** The only parameter that there is, and whether it says `on`. */
export function flagOf({ url }: Pick<FastifyRequest, 'url'>, name: string, on: string, off: string): boolean {
  let isOn = false;
  readQuery(queryOf(url), (given, value) => {
    if (given !== name) return unknownParameter(given);
    if (value !== on && value !== off) return fault(name, 'is_in', `must be ${on} or ${off}`);
    isOn = value === on;
    return undefined;
  });
  return isOn;
}

/** The names that `include=` asks for, the only parameter that there is. @param known those that can be asked for */
export function includedIn({ url }: Pick<FastifyRequest, 'url'>, known: readonly string[]): readonly string[] {
  let names: readonly string[] = [];
  readQuery(queryOf(url), (given, value) => {
    if (given !== 'include' || known.length === 0) return unknownParameter(given);
    names = value.split(',');
    if (names.every((name) => known.includes(name))) return undefined;
    return fault('include', 'is_in', `must be ${known.join(' or ')}`);
  });
  return names;
}

import { IsOptional } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { IsId } from '../dto/validators.js';
import { fault, queryOf, readQuery, unknownParameter } from '../reading/query-string.js';
import { postedInput } from '../writing/input.js';

/** Of a route that takes no parameters. */
export const refuseQuery = ({ url }: Pick<FastifyRequest, 'url'>): void => readQuery(queryOf(url), unknownParameter);

class Nothing {
  @IsOptional() @IsId() tenant_id?: string;
}

/**
 * Of an action that takes nothing: no parameters, and in its body at most what every POST may have.
 * @throws TenantMismatch, ValidationFailed
 */
export function refuseInput(request: Pick<FastifyRequest, 'url' | 'body'>): void {
  refuseQuery(request);
  postedInput(Nothing, request.body ?? {});
}

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

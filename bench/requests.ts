import type { Person } from './data.js';
import type { LoadRequest } from './load/request.js';

/** Somebody with what he shows at the door. */
export interface Caller extends Person {
  readonly headers: Readonly<Record<string, string>>;
}

const LEADS = '/api/v1/crm/leads';
/** A route that only the floor has: it creates a row without its audit entry. */
export const UNNOTED = '/api/v1/bench/unnoted-leads';
const PAGE = 20;

export const NEW_LEAD = {
  name: 'Lead made by the load',
  company: 'Company "load" & Partners',
  email: 'lead@company.example',
  phone: '+49 30 1234567',
  source: 'web',
  estimated_value: '1200.50',
  currency: 'EUR',
};

/** One request of each caller. */
export const asks = (callers: readonly Caller[], path: string): LoadRequest[] =>
  callers.map(({ headers }) => ({ method: 'GET', path, headers }));

/** A page of the newest leads for each caller. */
export const lists = (callers: readonly Caller[]): LoadRequest[] => asks(callers, `${LEADS}?limit=${String(PAGE)}`);

/** A request for each known lead, one caller after another. */
export const gets = (callers: readonly Caller[]): LoadRequest[] => {
  const most = Math.max(...callers.map(({ leadIds }) => leadIds.length));
  return Array.from({ length: most }, (_, at) => at).flatMap((at) =>
    callers.flatMap(({ headers, leadIds }) => {
      const id = leadIds[at];
      return id === undefined ? [] : [{ method: 'GET' as const, path: `${LEADS}/${id}`, headers }];
    }),
  );
};

/** Those of the floor alone: a row without its audit entry. */
export const unnotedCreates = (callers: readonly Caller[]): LoadRequest[] => creates(callers, UNNOTED);

export const creates = (callers: readonly Caller[], path = LEADS): LoadRequest[] =>
  callers.map(({ headers }) => ({ method: 'POST', path, headers, body: JSON.stringify(NEW_LEAD) }));

/** A route that only the bench's product has: it creates by the unit of work. */
export const unitCreates = (callers: readonly Caller[]): LoadRequest[] => creates(callers, '/api/v1/bench/leads');

/** Each with the access token that stands at his place. */
export const withTokens = (people: readonly Person[], tokens: readonly string[]): Caller[] =>
  people.map((person, at) => ({ ...person, headers: { authorization: `Bearer ${tokens[at] ?? ''}` } }));
/** For servers without a guard: whoever asks says for which organization. */
export const withoutTokens = (people: readonly Person[]): Caller[] =>
  people.map((person) => ({
    ...person,
    headers: { 'x-organization': person.organizationId, 'x-user': person.userId },
  }));

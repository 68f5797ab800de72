import type { Input } from '../../platform/resources/index.js';

// What a validated body sets of a user, typed.

export const textIn = (input: Input, wire: string): string | null => {
  const value = input[wire];
  return typeof value === 'string' ? value : null;
};

/** An id in lower case, as ids are stored. */
export const idIn = (input: Input, wire: string): string | null => textIn(input, wire)?.toLowerCase() ?? null;

export const textsIn = (input: Input, wire: string): string[] => {
  const value = input[wire];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
};

const COLUMNS = {
  username: 'username',
  email: 'email',
  full_name: 'fullName',
  first_name: 'firstName',
  last_name: 'lastName',
  phone: 'phone',
  avatar_url: 'avatarUrl',
  preferences: 'preferences',
} as const;

/** The person's own columns that a body sets, under their properties. */
export function columnsOf(input: Input): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  for (const [wire, property] of Object.entries(COLUMNS))
    if (input[wire] !== undefined) columns[property] = input[wire];
  return columns;
}

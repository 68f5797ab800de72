/** What the routes of /auth ask of whoever is signed in (api.md, "Auth"): a person, in a tenant or in none. */
export const SESSION_ONLY = { tenant: 'optional', session: true } as const;

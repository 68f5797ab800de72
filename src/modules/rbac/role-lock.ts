/**
 * The key of the advisory lock that orders giving a role and deleting it: whoever gives takes it shared, whoever deletes
 * alone, before any row. @param id the role's, as SQL
 */
export const roleLock = (id: string): string => `hashtextextended('role:' || ${id}::uuid, 0)`;

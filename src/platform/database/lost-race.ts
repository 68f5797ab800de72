/** How often a write is tried in all while others win. */
export const TRIES = 5;

/**
 * PostgreSQL rolled the transaction back for the sake of another one, and another try may win: serialization_failure and
 * deadlock_detected (PostgreSQL's documentation, "Serialization Failure Handling"). A deadlock needs no mistake: who locks
 * a row, then changes it, while others point new rows at it, can meet one.
 */
export const isLostRace = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && ['40001', '40P01'].includes(String(error.code));

/** Runs a transaction again when it lost a race. `transact` leaves nothing but what it commits. */
export async function untilWon<T>(transact: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transact();
    } catch (error) {
      if (tries === TRIES || !isLostRace(error)) throw error;
    }
  }
}

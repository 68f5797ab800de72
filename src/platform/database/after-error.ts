/** PostgreSQL's way to say that a table has changed under a prepared statement: nothing ran, and a new connection prepares anew. */
export const isOutdated = (error: Error): boolean => 'routine' in error && error.routine === 'RevalidateCachedQuery';

/** An error that PostgreSQL answered leaves the connection clean; any other leaves it unknown. */
export const leavesClean = (error: Error): boolean =>
  'severity' in error && error.severity === 'ERROR' && !isOutdated(error);

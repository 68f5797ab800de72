/** A move cannot go on, whoever resumes it: it is taken back, and the source is as it was. */
export class MoveFailed extends Error {}

/** Somebody wants the move taken back that another process has in hand. */
export class MoveAborted extends Error {}

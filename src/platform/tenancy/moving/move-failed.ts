/** A move cannot go on, whoever resumes it: it is taken back, and the source is as it was. */
export class MoveFailed extends Error {}

import { usage } from './exit.js';
import type { Session } from './session.js';

/** What a command that loses data is told in production. */
export interface Meant {
  readonly iKnowWhatIDo?: boolean;
  readonly database?: string;
}
export const MEANT = ['--i-know-what-i-do', 'needed in production, with --database'] as const;
export const BY_NAME = ['--database <name>', 'the name of the database that is emptied; needed in production'] as const;

/** A name that is given must be right anywhere; production asks for it. */
export function assertMeant(
  session: Session,
  command: string,
  { iKnowWhatIDo, database: named }: Meant,
  database: string,
): void {
  if (named !== undefined && named !== database)
    throw usage(
      `Nothing was dropped: the database is not "${named}".`,
      `It is ${database}: the one of DATABASE_URL, or the embedded one.`,
    );
  if (session.config().environment !== 'production' || (iKnowWhatIDo === true && named === database)) return;
  throw usage(
    `Nothing was dropped: in production ${command} wants to be told that you know what you do, and the database by its name.`,
    `All data of ${database} would be lost. If that is meant: tenantry ${command} --i-know-what-i-do --database ${database}`,
  );
}

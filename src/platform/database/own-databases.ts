import pg from 'pg';
import { Conflict } from '../../common/problem.js';
import { grantsOnDatabase } from './grants.js';
import type { DatabaseAt } from './servers.js';
import { dropTemplate, isTaken } from './template-databases.js';

/**
 * A database of one tenant's own, and the id of the location that it is. It stands in the database's comment: a second
 * installation on the server that has the same tenants, as one restored from a backup has, names its databases the same.
 */
export interface OwnDatabase extends DatabaseAt {
  readonly location: string;
}

const MARK = 'location ';

/** Its name until it is whole. */
export const draftOf = ({ location }: OwnDatabase): string => `tenantry_draft_${location.replaceAll('-', '')}`;

const mark = ({ database }: DatabaseAt, location: string): string =>
  `comment on database ${pg.escapeIdentifier(database)} is ${pg.escapeLiteral(`${MARK}${location}`)}`;

/** Marks one that was made before there were marks, and is known to be this location. */
export async function markOlder(client: pg.ClientBase, own: OwnDatabase): Promise<void> {
  if ((await markOf(client, own.database)) === null) await client.query(mark(own, own.location));
}

/** Gives a draft its mark and its name at once, and the rights that are not copied from a template. @returns false: somebody else has the name */
export async function finishDraft(client: pg.ClientBase, own: OwnDatabase): Promise<boolean> {
  const [draft, name] = [draftOf(own), own.database].map((each) => pg.escapeIdentifier(each));
  const named = `${mark({ ...own, database: draftOf(own) }, own.location)}; alter database ${draft} rename to ${name}`;
  try {
    await client.query([named, ...grantsOnDatabase(own.database)].join('; '));
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
    await dropTemplate(client, draftOf(own));
    return false;
  }
}

/** Whether a database's comment says that it is this location. */
export const isMarked = (comment: string | null, location: string): boolean => comment === `${MARK}${location}`;

/** What is told of one. */
export const Foreign = ({ server, database }: DatabaseAt): Error =>
  Conflict({ detail: `The database ${database} of ${server} is not this installation’s.` });

/** The location that a database is; null: none is said. undefined: there is no such database. */
export async function markOf(client: pg.ClientBase, database: string): Promise<string | null | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
    [database],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  return found.comment?.startsWith(MARK) === true ? found.comment.slice(MARK.length) : null;
}

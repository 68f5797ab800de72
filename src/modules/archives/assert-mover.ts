import { MAIN_SERVER, type Pools } from '../../platform/database/index.js';
import { ArchiveRefused } from './format/archive-format.js';

/** Rows of tenants are read and written as a whole by the mover's login alone. @throws ArchiveRefused without it */
export function assertMover({ servers }: Pools): void {
  if (!servers.has('mover', MAIN_SERVER))
    throw new ArchiveRefused('This works by the login for moves, and DATABASE_MOVER_URL is not set.');
}

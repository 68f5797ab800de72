import { EXPORTS } from '../archived-files.js';

/** In the tenant's folder, all that attempts at one export have stored. */
export const folderOf = (id: string): string => `${EXPORTS}/${id}`;
/** By its bytes: whoever makes it a second time, or too late, never writes over one that is ready. */
export const keyOf = (id: string, checksum: string): string => `${folderOf(id)}/${checksum}.archive`;

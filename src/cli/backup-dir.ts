/** An option of every command that works on backups. Apart from their store, which takes the whole application with it. */
export const BACKUP_DIR = [
  '--dir <path>',
  'a folder of backups; by default the bucket, or without one the folder backups of DATA_DIR',
] as const;

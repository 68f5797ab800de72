import pg from 'pg';

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `note`: nothing wrong, and worth knowing. */
  readonly state: 'ok' | 'note' | 'fault' | 'unreachable';
  readonly found: string;
  /** What to do about it; statements of SQL each in a line. */
  readonly remedy?: readonly string[];
}
export const ok = (name: string, found: string): Finding => ({ name, state: 'ok', found });
export const note = (name: string, found: string): Finding => ({ name, state: 'note', found });
export const fault = (name: string, found: string, ...remedy: string[]): Finding => ({
  name,
  state: 'fault',
  found,
  remedy,
});

/** Works with a connection of its own, past every pool. */
export async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tenantry doctor',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

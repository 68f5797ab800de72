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

import type { Output } from '../output.js';

/** A row of what was looked at; with a fault when it is not as it should be. */
export interface Row {
  readonly cells: readonly (string | number)[];
  readonly fault?: string;
}
export interface Section {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly Row[];
}

/** A row with the faults that apply; each is a sentence without its end. */
export const row = (cells: Row['cells'], ...faults: (string | false | undefined)[]): Row => {
  const told = faults.filter((fault) => typeof fault === 'string');
  return told.length === 0 ? { cells } : { cells, fault: told.join('; ') };
};

export const faultsOf = ({ title, rows }: Section): string[] =>
  rows.flatMap(({ cells, fault }) => (fault === undefined ? [] : [`${title}: ${String(cells[0])}: ${fault}`]));

export function print(out: Output, { title, headings, rows }: Section): void {
  out.line();
  out.line(title);
  out.table(
    ['', ...headings],
    rows.map(({ cells, fault }) => [fault === undefined ? '✓' : '✗', ...cells]),
  );
}

/** A section as --json has it: each row under its headings. */
export const sectionJson = ({ title, headings, rows }: Section) => ({
  title,
  rows: rows.map(({ cells, fault }) => ({
    ...Object.fromEntries(headings.map((heading, column) => [heading.replaceAll(' ', '_'), cells[column]])),
    ok: fault === undefined,
    ...(fault === undefined ? {} : { fault }),
  })),
});

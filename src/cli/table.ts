/** The lines of a table: columns as wide as their widest cell, numbers to the right. */
export function layOut(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const numeric = headings.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const cells = [headings, ...rows.map((row) => row.map(String))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, numeric[column] === true))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0] ?? '', widths.map((width) => '─'.repeat(width)).join('  '), ...lines.slice(1)];
}

const pad = (cell: string, width: number, right: boolean): string =>
  right ? cell.padStart(width) : cell.padEnd(width);

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The values of a line in the text format of COPY (PostgreSQL, "COPY", "Text Format"); null is `\N`. */
const valuesOf = (line: string): (string | null)[] =>
  line
    .split('\t')
    .map((text) =>
      text === '\\N' ? null : text.replaceAll(/\\([^])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped),
    );

/** Rows of whole lines. */
export function rowsOf(bytes: Buffer): (string | null)[][] {
  const lines = bytes.toString('utf8').split('\n');
  // after the last line's end
  lines.pop();
  return lines.map(valuesOf);
}

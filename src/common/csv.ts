const QUOTED = /[",\r\n]/;
/** A spreadsheet reads a cell that starts so as a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One cell of RFC 4180. Null and undefined are an empty cell, objects and arrays their JSON.
 * A `'` stands before what a spreadsheet would take for a formula, negative numbers included: the contract makes no exception.
 */
export function csvCell(value: unknown): string {
  const plain = textOf(value);
  const text = FORMULA.test(plain) ? `'${plain}` : plain;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line with its CRLF. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(csvCell).join(',')}\r\n`;

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return '';
      return value instanceof Date ? value.toISOString() : JSON.stringify(value);
    default:
      return '';
  }
}

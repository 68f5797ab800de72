const SPACE = 32;
const PLUS = 43;
const POINT = 46;
const LETTER_T = 84;

/**
 * A timestamptz(3) as PostgreSQL writes it in a session whose time zone is UTC, as RFC 3339 with milliseconds:
 * `2026-11-20 15:53:55.12+00` (a column) or `2026-11-20T15:53:55.12+00:00` (inside json) become `2026-11-20T15:53:55.120Z`.
 * What has another shape (`infinity`, a year of five digits, an answer already in RFC 3339) comes back as it is.
 */
export function isoTime(text: string): string {
  const between = text.charCodeAt(10);
  if (between !== SPACE && between !== LETTER_T) return text;
  const after = text.charCodeAt(19);
  if (after === PLUS) return `${text.slice(0, 10)}T${text.slice(11, 19)}.000Z`;
  if (after !== POINT) return text;
  // PostgreSQL drops the zeros at the end of a fraction
  switch (text.indexOf('+', 20)) {
    case -1:
      return text;
    case 21:
      return `${text.slice(0, 10)}T${text.slice(11, 21)}00Z`;
    case 22:
      return `${text.slice(0, 10)}T${text.slice(11, 22)}0Z`;
    default:
      return `${text.slice(0, 10)}T${text.slice(11, 23)}Z`;
  }
}

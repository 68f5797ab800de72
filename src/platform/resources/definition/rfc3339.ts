const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|[+-](\d\d):(\d\d))$/;
/** A time zone reaches at most so far that one of these years turns into one that PostgreSQL writes in another way. */
const FIRST_YEAR = 2;
const LAST_YEAR = 9998;

/** Whether this is a day of the calendar, `2026-11-20`, from the year 1 to 9999. */
export function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  return Number(year) >= 1 && isDay(Number(year), Number(month), Number(day));
}

/**
 * Whether this is a time of RFC 3339 (5.6), `2026-11-20T15:53:55.120Z` or with an offset, that PostgreSQL and the wire
 * both can hold. @param digits of a second's fraction that are taken: columns keep 3
 */
export function isTime(text: string, digits: number): boolean {
  const [, date = '', hour, minute, second, fraction = '', offsetHour = '0', offsetMinute = '0'] =
    TIME.exec(text) ?? [];
  const year = Number(date.slice(0, 4));
  return (
    isDate(date) &&
    year >= FIRST_YEAR &&
    year <= LAST_YEAR &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    fraction.length <= digits &&
    Number(offsetHour) < 16 &&
    Number(offsetMinute) < 60
  );
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);
}

import { isIP, isIPv4 } from 'node:net';

/** Why a text is no value: `wrong` continues a sentence that begins with the variable's name, `remedy` is one of its own. */
export interface Refusal {
  wrong: string;
  remedy: string;
}
export type Parsed<T> = { value: T } | { refusal: Refusal };
export type Parser<T> = (text: string) => Parsed<T>;

const accept = <T>(value: T): Parsed<T> => ({ value });
const refuse = (wrong: string, remedy: string): { refusal: Refusal } => ({ refusal: { wrong, remedy } });

/** `parser`, then a second look at the value it read: `check` gives the refusal, or undefined. */
function refined<T>(parser: Parser<T>, check: (value: T) => Refusal | undefined): Parser<T> {
  return (text) => {
    const parsed = parser(text);
    if ('refusal' in parsed) return parsed;
    const refusal = check(parsed.value);
    return refusal === undefined ? parsed : { refusal };
  };
}

export const text: Parser<string> = accept;

export function matching(pattern: RegExp, what: string, example: string): Parser<string> {
  return (input) => (pattern.test(input) ? accept(input) : refuse(`is not ${what}`, `Write one, like ${example}.`));
}

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (input) => {
    const choice = choices.find((candidate) => candidate.toLowerCase() === input.toLowerCase());
    if (choice !== undefined) return accept(choice);
    return choices.length === 1
      ? refuse(`is not ${choices.join('')}, which is all that this version serves`, 'Leave it out.')
      : refuse(`is none of ${choices.join(', ')}`, 'Write one of them.');
  };
}

export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Parser<number> {
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${String(least)}` : `from ${String(least)} to ${String(most)}`;
  return (input) => {
    const value = /^\d+$/.test(input) ? Number(input) : Number.NaN;
    return value >= least && value <= most ? accept(value) : refuse(`is not a whole number ${range}`, 'Write one.');
  };
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'on', 'yes', '1'].map((word) => [word, true] as const),
  ...['false', 'off', 'no', '0'].map((word) => [word, false] as const),
]);
export const flag: Parser<boolean> = (input) => {
  const value = switches.get(input.toLowerCase());
  return value === undefined ? refuse('is neither true nor false', 'Write one of the two.') : accept(value);
};

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
/** `250ms`, `30s`, `30m`, `30 min`, `24h`, `7d`, in milliseconds. */
export const duration: Parser<number> = (input) => {
  const [, amount, unit] = /^(\d{1,9}) ?(ms|s|m|min|h|d)$/.exec(input) ?? [];
  const factor = unitMs.get(unit ?? '');
  if (amount === undefined || factor === undefined)
    return refuse('is not a duration', 'Write a number and ms, s, m, h or d, like 30m or 24h.');
  return accept(Number(amount) * factor);
};

/** Five fields of cron, as numbers, lists, ranges and steps; undefined for `never`. */
export const schedule: Parser<string | undefined> = (input) => {
  if (input.toLowerCase() === 'never') return accept(undefined);
  const field = String.raw`(?:\*|\d{1,2}(?:-\d{1,2})?)(?:/\d{1,2})?`;
  return new RegExp(`^(?:${field}(?:,${field})*(?: (?!$)|$)){5}$`).test(input)
    ? accept(input)
    : refuse('is no schedule', 'Write five fields of cron, like 15 3 * * *, or never.');
};

/** A URL of one of the protocols; `needsPath` asks for something behind the host, such as the database's name. */
export function url(protocols: readonly string[], example: string, needsPath = false): Parser<string> {
  const remedy = `Write one like ${example} (characters such as @ / : # in a password percent-encoded).`;
  return (input) => {
    const parsed = URL.parse(input);
    if (parsed === null) return refuse('is not a URL', remedy);
    if (!protocols.includes(parsed.protocol))
      return refuse(`does not begin with ${protocols.map((p) => `${p}//`).join(' or ')}`, remedy);
    if (needsPath && parsed.pathname.length < 2) return refuse('names no database', remedy);
    return accept(input);
  };
}

const postgresUrl = url(['postgres:', 'postgresql:'], 'postgres://login:password@host:5432/tenantry', true);

const pooler = (address: string): string | null => new URL(address).searchParams.get('pgbouncer');
/** One that may lead through a pooler in transaction mode, and then says so. */
export const pooledUrl: Parser<string> = refined(postgresUrl, (address) =>
  ['true', 'false', null].includes(pooler(address))
    ? undefined
    : {
        wrong: 'has a parameter pgbouncer that is neither true nor false',
        remedy: 'Write ?pgbouncer=true, or leave it out.',
      },
);
/** One that leads to the server itself: its connections listen, or keep locks from one transaction to the next. */
export const directUrl: Parser<string> = refined(postgresUrl, (address) =>
  [null, 'false'].includes(pooler(address))
    ? undefined
    : {
        wrong: 'leads through a pooler (pgbouncer=true), which DATABASE_APP_URL alone may',
        remedy: 'Give the address of the server itself.',
      },
);

/** Where one `name=url` of a list ends and the next begins: a comma inside a password does not look like that. */
export const serverSeparator = /,\s*(?=[A-Za-z][\w-]*=)/;

/** `name=url,name=url`, by name. */
export const servers: Parser<ReadonlyMap<string, string>> = (input) => {
  const found = new Map<string, string>();
  for (const entry of input.split(serverSeparator)) {
    const [, name, address] = /^\s*([a-z][a-z0-9-]*)=(.+?)\s*$/.exec(entry) ?? [];
    if (name === undefined || address === undefined)
      return refuse(
        'is not a list of name=url',
        'Write it like eu-1=postgres://…,us-1=postgres://…, names in small letters.',
      );
    if (name === 'main')
      return refuse('names a server main', 'That name is the main database’s own server: take another.');
    if (found.has(name)) return refuse(`names ${name} twice`, 'Give each server one name.');
    const parsed = directUrl(address);
    if ('refusal' in parsed)
      return refuse(`has a server ${name} whose address ${parsed.refusal.wrong}`, parsed.refusal.remedy);
    found.set(name, parsed.value);
  }
  return accept(found);
};

const originsRemedy = 'Write a JSON list, like ["https://app.example.com"].';
function isOrigin(value: string): boolean {
  const parsed = URL.parse(value);
  return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && parsed.origin === value.toLowerCase();
}
/** A JSON list of origins, or of `*`. */
export const origins: Parser<readonly string[]> = (input) => {
  let list: unknown;
  try {
    list = JSON.parse(input);
  } catch {
    return refuse('is not JSON', originsRemedy);
  }
  if (!Array.isArray(list)) return refuse('is not a list', originsRemedy);
  const read: string[] = [];
  for (const item of list) {
    if (typeof item !== 'string' || (item !== '*' && !isOrigin(item))) {
      return refuse(
        `holds ${JSON.stringify(item)}, which is not an origin`,
        'An origin is scheme, host and port, without a path or a slash at its end.',
      );
    }
    read.push(item);
  }
  return accept(read);
};

const proxyNames = ['loopback', 'linklocal', 'uniquelocal'];
const proxyRemedy = 'Write the proxies’ addresses (10.0.0.5,10.1.0.0/16), or the number of hops.';
function proxyFault(address: string): Refusal | undefined {
  if (proxyNames.includes(address)) return undefined;
  const [host, bits, ...rest] = address.split('/');
  if (host === undefined || isIP(host) === 0 || rest.length > 0)
    return { wrong: `holds "${address}", which is no address`, remedy: proxyRemedy };
  if (bits === undefined) return undefined;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (isIPv4(host) ? 32 : 128))
    return { wrong: `holds "${address}", which is no network`, remedy: proxyRemedy };
  if (Number(bits) === 0)
    return {
      wrong: `trusts everybody by "${address}", so any caller could choose its own address`,
      remedy: proxyRemedy,
    };
  return undefined;
}
/** The number of proxies in front, or their addresses; `true` would let any caller choose its own address. */
export const proxies: Parser<number | readonly string[]> = (input) => {
  if (/^(true|on|yes|\*)$/i.test(input))
    return refuse('trusts everybody, so any caller could choose its own address', proxyRemedy);
  if (/^\d+$/.test(input))
    return Number(input) >= 1 && Number(input) <= 16
      ? accept(Number(input))
      : refuse('is not 1 to 16 hops', proxyRemedy);
  const addresses = input.split(',').map((address) => address.trim());
  const refusal = addresses.map(proxyFault).find((fault) => fault !== undefined);
  return refusal === undefined ? accept(addresses) : { refusal };
};

const reserved: ReadonlyMap<string, string> = new Map([
  ['public', 'belongs to PostgreSQL and is open to every login by habit'],
  ['core', 'holds the tables of the product itself'],
  ['tenancy', 'holds the functions of the walls'],
  ['pgboss', 'holds the queue'],
  ['information_schema', 'belongs to PostgreSQL'],
]);
/** The name of a schema that may hold tenants' rows. */
export const tenantSchema: Parser<string> = refined(
  matching(/^[a-z_][a-z0-9_]{0,62}$/, 'a plain schema name', 'shared'),
  (name) => {
    const reason = name.startsWith('pg_') ? 'belongs to PostgreSQL' : reserved.get(name);
    return reason === undefined
      ? undefined
      : {
          wrong: `is refused: the schema ${name} ${reason}, and tenants’ rows do not go there`,
          remedy: 'Take another name, such as shared.',
        };
  },
);

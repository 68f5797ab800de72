import { STATUS_CODES } from 'node:http';

/** What is wrong with one field. `path` as in the body (`items.3.name`), or the name of a parameter; `code` in snake_case, for programs. */
export interface FieldFault {
  path: string;
  code: string;
  message: string;
}

/** The layer of the three that refused (access.md). */
export type Layer = 'tenant' | 'entitlement' | 'permission';

/** One kind of problem: what docs/problems.md lists. */
export interface ProblemDefinition {
  readonly code: string;
  readonly status: number;
  /** The same for each occurrence (RFC 9457, 3.1.3). */
  readonly title: string;
  readonly layer: Layer | undefined;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The field that a violated constraint, or the problem by its nature, speaks of. */
  readonly fault: FieldFault | undefined;
}

export interface ProblemInput {
  code: string;
  status: number;
  /** May be left out where the catalogue has this code and status already. */
  title?: string;
  layer?: Layer;
  /** What is told where the place that refuses has nothing better to say. */
  detail?: string;
  /** Seconds, sent as `Retry-After`. */
  retryAfter?: number;
  headers?: Record<string, string>;
  /** Names of the database constraints whose violation is this problem. */
  constraint?: string | readonly string[];
  /** The wire name of the field at fault. */
  field?: string;
  /** `errors[].code`: `taken` for 409 and `invalid` otherwise when left out; `not_found` for a reference. */
  faultCode?: string;
  message?: string;
}

/** What one occurrence adds to its definition. */
export interface ProblemOptions {
  detail?: string;
  errors?: FieldFault[];
  layer?: Layer;
  required?: string;
  reason?: string;
  tenant_codes?: string[];
  /** Seconds. */
  retryAfter?: number;
  headers?: Record<string, string>;
  /** Logged, never sent. A problem with a cause is a fault of ours or of what stands behind us. */
  cause?: unknown;
}

export type ProblemExtras = Pick<ProblemOptions, 'errors' | 'layer' | 'required' | 'reason' | 'tenant_codes'>;

/** A refusal that is told to the caller as RFC 9457 has it; thrown anywhere, answered by the one filter. */
export class Problem extends Error {
  readonly detail: string;
  readonly extras: ProblemExtras;
  /** Headers of the answer, names in lower case. */
  readonly headers: Record<string, string>;

  constructor(
    readonly definition: ProblemDefinition,
    options: ProblemOptions = {},
  ) {
    const detail = options.detail ?? definition.detail ?? definition.title;
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.detail = detail;
    this.extras = extrasOf(definition, options);
    this.headers = { ...definition.headers, ...options.headers, ...retryAfterHeader(options.retryAfter) };
  }

  get code(): string {
    return this.definition.code;
  }

  get status(): number {
    return this.definition.status;
  }
}

export interface ProblemFactory {
  (options?: ProblemOptions): Problem;
  readonly definition: ProblemDefinition;
}

/** By code and status: `tenant_required` and `quota_exceeded` have two statuses. */
const definitions = new Map<string, ProblemDefinition>();
const byConstraint = new Map<string, ProblemDefinition>();

/**
 * Adds a problem to the catalogue and gives the function that makes it. One code and status has one title; a definition
 * that names a constraint is a variant of it, and the only place where that constraint is told of.
 * @throws Error while the module is loaded, on a title that contradicts, a missing one, or a constraint defined twice
 */
export function defineProblem(input: ProblemInput): ProblemFactory {
  const key = `${input.code} ${String(input.status)}`;
  const known = definitions.get(key);
  const title = input.title ?? known?.title;
  if (title === undefined) throw new Error(`problem ${key} has no title`);
  if (known && known.title !== title) throw new Error(`problem ${key} has two titles: ${known.title} / ${title}`);
  const definition: ProblemDefinition = {
    code: input.code,
    status: input.status,
    title,
    layer: input.layer ?? known?.layer,
    detail: input.detail ?? known?.detail,
    headers: { ...known?.headers, ...input.headers, ...retryAfterHeader(input.retryAfter) },
    fault: faultOf(input),
  };
  if (!known) definitions.set(key, definition);
  for (const name of constraintsOf(input)) {
    if (byConstraint.has(name)) throw new Error(`constraint ${name} is told of twice`);
    byConstraint.set(name, definition);
  }
  return Object.assign((options?: ProblemOptions) => new Problem(definition, options), { definition });
}

/** The problem that a violated constraint is; undefined for a constraint that nobody defined one for. */
export function problemOfConstraint(name: string): Problem | undefined {
  const definition = byConstraint.get(name);
  return definition && new Problem(definition);
}

/** Whether it is a problem of that code, in whatever variant. */
export const isProblem = (error: unknown, code: Problem['code']): error is Problem =>
  error instanceof Problem && error.code === code;

/** Every problem there is, in the order of its status: what docs/problems.md is compared with. */
export const catalogue = (): ProblemDefinition[] => [...definitions.values()].sort((a, b) => a.status - b.status);

/** `/problems/<code>`: a relative reference (RFC 9457, 3.1.1) that stays the same wherever the API is served. */
export const problemType = (code: string): string => `/problems/${code}`;

/** The same problem, told of one part of a larger input: paths become `items.3.name`. */
export function prefixed(problem: Problem, prefix: string): Problem {
  const { definition, extras, headers, detail, cause } = problem;
  const errors = extras.errors?.map((fault) => ({ ...fault, path: fault.path ? `${prefix}.${fault.path}` : prefix }));
  return new Problem(definition, {
    ...extras,
    detail,
    headers,
    cause,
    errors: errors ?? [{ path: prefix, code: definition.code, message: detail }],
  });
}

const constraintsOf = ({ constraint }: ProblemInput): readonly string[] => {
  if (constraint === undefined) return [];
  return typeof constraint === 'string' ? [constraint] : constraint;
};

const retryAfterHeader = (seconds: number | undefined): Record<string, string> =>
  seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };

function faultOf({ field, status, faultCode, message }: ProblemInput): FieldFault | undefined {
  if (field === undefined) return undefined;
  const code = faultCode ?? (status === 409 ? 'taken' : 'invalid');
  return { path: field, code, message: message ?? MESSAGES[code] ?? STATUS_CODES[status] ?? code };
}
const MESSAGES: Record<string, string> = {
  taken: 'is taken already',
  invalid: 'is not valid',
  not_found: 'does not exist',
};

function extrasOf({ layer, fault }: ProblemDefinition, options: ProblemOptions): ProblemExtras {
  const extras: ProblemExtras = {};
  const errors = options.errors ?? (fault && [fault]);
  if (errors) extras.errors = errors;
  const refusing = options.layer ?? layer;
  if (refusing) extras.layer = refusing;
  if (options.required !== undefined) extras.required = options.required;
  if (options.reason !== undefined) extras.reason = options.reason;
  if (options.tenant_codes !== undefined) extras.tenant_codes = options.tenant_codes;
  return extras;
}

import { defineProblem, type Problem } from './problem-catalogue.js';

// The table of api.md, "Errors", in its order. docs/problems.md says of each when it comes and what to do.

export const MalformedJson = defineProblem({ code: 'malformed_json', status: 400, title: 'The body is not JSON' });
export const BadRequest = defineProblem({ code: 'bad_request', status: 400, title: 'The request cannot be read' });
export const TenantRequired = defineProblem({
  code: 'tenant_required',
  status: 400,
  title: 'The request names no tenant',
  detail: 'Name the tenant by the header X-Tenant.',
});

const bearer = { 'www-authenticate': 'Bearer' };
const invalidToken = { 'www-authenticate': 'Bearer error="invalid_token"' };
export const Unauthenticated = defineProblem({
  code: 'unauthenticated',
  status: 401,
  title: 'Sign in first',
  headers: bearer,
});
export const TokenExpired = defineProblem({
  code: 'token_expired',
  status: 401,
  title: 'The access token has expired',
  headers: invalidToken,
});
export const InvalidCredentials = defineProblem({
  code: 'invalid_credentials',
  status: 401,
  title: 'These credentials are not right',
  headers: bearer,
});
export const MfaRequired = defineProblem({
  code: 'mfa_required',
  status: 401,
  title: 'A second factor is needed',
  headers: bearer,
});

export const TenantSuspended = defineProblem({
  code: 'tenant_suspended',
  status: 403,
  title: 'The tenant is suspended',
  layer: 'tenant',
});
export const TenantMismatch = defineProblem({
  code: 'tenant_mismatch',
  status: 403,
  title: 'The request names another tenant than the caller has',
  layer: 'tenant',
});
export const NotEntitled = defineProblem({
  code: 'not_entitled',
  status: 403,
  title: 'The tenant does not have this module',
  layer: 'entitlement',
});
export const TrialExpired = defineProblem({
  code: 'trial_expired',
  status: 403,
  title: 'The trial of this module is over',
  layer: 'entitlement',
});
/** Of users and storage. */
export const QuotaExceeded = defineProblem({
  code: 'quota_exceeded',
  status: 403,
  title: 'The plan allows no more of this',
  layer: 'entitlement',
});
export const PermissionDenied = defineProblem({
  code: 'permission_denied',
  status: 403,
  title: 'A permission is missing',
  layer: 'permission',
});
export const PriorityTooLow = defineProblem({
  code: 'priority_too_low',
  status: 403,
  title: 'The role stands too low for this',
  layer: 'permission',
});
export const OwnRoles = defineProblem({
  code: 'own_roles',
  status: 403,
  title: "One's own roles are changed by somebody else",
  layer: 'permission',
});
export const PermissionNotHeld = defineProblem({
  code: 'permission_not_held',
  status: 403,
  title: 'Nobody grants what he does not hold',
  layer: 'permission',
});
export const SessionRequired = defineProblem({
  code: 'session_required',
  status: 403,
  title: 'This needs a signed-in person, not an API key',
  layer: 'permission',
});

/** Also for every row of another tenant: the two cannot be told apart. */
export const NotFound = defineProblem({ code: 'not_found', status: 404, title: 'There is no such thing here' });
export const MethodNotAllowed = defineProblem({
  code: 'method_not_allowed',
  status: 405,
  title: 'The path does not take this method',
});
export const RequestTimeout = defineProblem({
  code: 'request_timeout',
  status: 408,
  title: 'The request came in too slowly',
});

export const Conflict = defineProblem({
  code: 'conflict',
  status: 409,
  title: 'The change contradicts what is stored',
});
export const InUse = defineProblem({ code: 'in_use', status: 409, title: 'Other records lean on this one' });
export const LastAdmin = defineProblem({
  code: 'last_admin',
  status: 409,
  title: 'The tenant would be left without an administrator',
});
/** Sign-in by an address that several tenants know; `tenant_codes` are theirs. */
export const TenantChoiceRequired = defineProblem({
  code: 'tenant_required',
  status: 409,
  title: 'Several tenants know these credentials',
  detail: 'Sign in again with one of tenant_codes as tenant_code.',
});

export const Stale = defineProblem({ code: 'stale', status: 412, title: 'The record has changed since it was read' });
export const TooLarge = defineProblem({ code: 'too_large', status: 413, title: 'The request is too large' });
export const UnsupportedMediaType = defineProblem({
  code: 'unsupported_media_type',
  status: 415,
  title: 'The body has a type that is not taken here',
});

export const ValidationFailed = defineProblem({
  code: 'validation_failed',
  status: 422,
  title: 'The input is not valid',
});
export const IdempotencyKeyReused = defineProblem({
  code: 'idempotency_key_reused',
  status: 422,
  title: 'The idempotency key was used with another body',
});
export const ReasonRequired = defineProblem({
  code: 'reason_required',
  status: 422,
  title: 'A reason has to be given',
});

export const AccountLocked = defineProblem({
  code: 'account_locked',
  status: 423,
  title: 'The account is locked for a while',
  retryAfter: 60,
});
export const RateLimited = defineProblem({
  code: 'rate_limited',
  status: 429,
  title: 'Too many requests',
  retryAfter: 1,
});
/** Of calls; `QuotaExceeded` is that of users and storage. */
export const CallQuotaExceeded = defineProblem({
  code: 'quota_exceeded',
  status: 429,
  title: 'The plan allows no more calls for now',
  retryAfter: 60,
});

/** Nothing of the inside is told: the request id leads to the log. */
export const InternalError = defineProblem({
  code: 'internal_error',
  status: 500,
  title: 'Something went wrong on our side',
});
export const Unavailable = defineProblem({
  code: 'unavailable',
  status: 503,
  title: 'The service cannot answer just now',
  retryAfter: 2,
});
export const TenantMoving = defineProblem({
  code: 'tenant_moving',
  status: 503,
  title: 'The tenant is being moved',
  retryAfter: 1,
});

/** A 422 about one field: `invalid('sort', 'unknown_column', 'cannot be sorted by')`. */
export const invalid = (path: string, code: string, message: string): Problem =>
  ValidationFailed({ errors: [{ path, code, message }] });

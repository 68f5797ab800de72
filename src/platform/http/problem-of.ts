import { HttpException } from '@nestjs/common';
import { NotFoundError, OptimisticLockError } from '@mikro-orm/postgresql';
import {
  BadRequest,
  Conflict,
  InternalError,
  MalformedJson,
  MethodNotAllowed,
  NotFound,
  PermissionDenied,
  Problem,
  RateLimited,
  RequestTimeout,
  Stale,
  TooLarge,
  Unauthenticated,
  Unavailable,
  UnsupportedMediaType,
  ValidationFailed,
} from '../../common/problem.js';
import { problemOfDatabase } from './problem-of-database.js';

/** Causes followed behind what was thrown: the pool and the ORM wrap what they caught. */
const MAX_CAUSES = 4;

/**
 * The problem that whatever was thrown is to the caller. One that has a `cause` is to be logged: a fault of ours (500,
 * or 404 for a write that a policy stopped), something behind us that is away (503), or a refusal of the database
 * that should have been a refusal of ours (422, 409).
 */
export function problemOf(error: unknown): Problem {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current !== undefined; depth++) {
    const problem = problemOfOne(current);
    if (problem) return problem;
    current = memberOf(current, 'cause');
  }
  return InternalError({ cause: error ?? new Error(`${String(error)} was thrown`) });
}

function problemOfOne(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof NotFoundError) return NotFound();
  if (error instanceof OptimisticLockError) return problemOfLock(error);
  return problemOfHttp(error) ?? problemOfDatabase(error);
}

/** A version asked for by the caller is stale; one that changed between read and write is a race that was lost (api.md, "Writes"). */
const problemOfLock = ({ message }: Error): Problem =>
  message.includes('was expected') ? Stale() : Conflict({ detail: 'The record was changed at the same time.' });

/** Refusals by Nest, Fastify and what follows http-errors: told by their status; their words stay inside. */
function problemOfHttp(error: unknown): Problem | undefined {
  // Nest wraps what Fastify refuses
  const code = memberOf(error, 'code') ?? memberOf(memberOf(error, 'cause'), 'code');
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return MalformedJson();
  const status = error instanceof HttpException ? error.getStatus() : memberOf(error, 'statusCode');
  if (typeof status !== 'number' || status < 400) return undefined;
  if (status === 503) return Unavailable({ cause: error });
  if (status >= 500) return InternalError({ cause: error });
  return BY_STATUS[status]?.() ?? BadRequest();
}

const BY_STATUS: Record<number, () => Problem> = {
  401: Unauthenticated,
  403: PermissionDenied,
  404: NotFound,
  405: MethodNotAllowed,
  408: RequestTimeout,
  409: Conflict,
  410: NotFound,
  412: Stale,
  413: TooLarge,
  415: UnsupportedMediaType,
  422: ValidationFailed,
  429: RateLimited,
};

// by its shape: errors of Node's own modules are no `Error` of jest's realm
const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { faultOfJson, faultOfNumbers } from '../../common/json.js';
import {
  MalformedJson,
  UnsupportedMediaType,
  ValidationFailed,
  type FieldFault,
  type Problem,
} from '../../common/problem.js';

/** Bytes. */
export const BODY_LIMIT = 1024 * 1024;

/**
 * Stands in `request.body` for JSON that is not fit to be used (common/json.ts). The body is parsed before the guards
 * run, and 422 comes after 401 and 403: so it is told by the BodyPipe. Code that takes the body past the pipe finds
 * none of the caller's properties on it.
 */
export class UnfitBody {
  constructor(readonly fault: FieldFault) {}

  problem(): Problem {
    return ValidationFailed({ errors: [this.fault] });
  }
}

type Done = (error: Error | null, body?: unknown) => void;

/** Fastify's parser of `application/json`: an empty body is undefined, what is no JSON in UTF-8 is 400. */
export function parseJsonBody(request: FastifyRequest, bytes: Buffer, done: Done): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') done(UnsupportedMediaType());
  else if (bytes.length === 0) done(null, undefined);
  else if (!isUtf8(bytes)) done(MalformedJson({ detail: 'The body is not UTF-8.' }));
  else readJson(bytes.toString(), done);
}

function readJson(text: string, done: Done): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    done(MalformedJson());
    return;
  }
  // bytes in UTF-8 hide NUL and lone surrogates in escapes alone
  const fault = faultOfJson(value, text.includes('\\u')) ?? faultOfNumbers(text);
  done(null, fault ? new UnfitBody(fault) : value);
}

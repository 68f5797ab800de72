import { describe, it, expect } from '@jest/globals';
import { BadRequestException, HttpException, NotFoundException, UnauthorizedException } from '@nestjs/common';
import {
  DriverException,
  NotFoundError,
  OptimisticLockError,
  UniqueConstraintViolationException,
} from '@mikro-orm/postgresql';
import { DatabaseError } from 'pg';
import { Conflict, defineProblem, TenantSuspended } from '../../common/problem.js';
import { problemOf } from './problem-of.js';

defineProblem({ code: 'conflict', status: 409, constraint: 'menus_organization_id_menu_code_key', field: 'menu_code' });
defineProblem({
  code: 'validation_failed',
  status: 422,
  constraint: 'posts_board_id_fkey',
  field: 'board_id',
  faultCode: 'not_found',
});

/** As pg throws it. */
const database = (code: string, more: Partial<DatabaseError> = {}): DatabaseError =>
  Object.assign(new DatabaseError('secret words of the database', 30, 'error'), { code, ...more });
const coded = (code: string): Error => Object.assign(new Error('secret'), { code });
const fastify = (code: string, statusCode: number): Error =>
  Object.assign(new Error('secret'), { name: 'FastifyError', code, statusCode });

const told = (error: unknown): string => {
  const problem = problemOf(error);
  return `${String(problem.status)} ${problem.code}`;
};

describe('problemOf', () => {
  it('leaves a problem as it is', () => {
    const problem = TenantSuspended();
    expect(problemOf(problem)).toBe(problem);
    expect(problemOf(new Error('wrapped', { cause: problem }))).toBe(problem);
  });

  it.each<[string, unknown, string]>([
    ['a 400 of a pipe', new BadRequestException('secret'), '400 bad_request'],
    ['a 401', new UnauthorizedException(), '401 unauthenticated'],
    ['a 404 of the router', new NotFoundException('Cannot GET /secret'), '404 not_found'],
    ['a status without a problem of its own', new HttpException('teapot', 418), '400 bad_request'],
    ['a 503', new HttpException('x', 503), '503 unavailable'],
    ['a 502', new HttpException('x', 502), '500 internal_error'],
    ['a body too large', fastify('FST_ERR_CTP_BODY_TOO_LARGE', 413), '413 too_large'],
    ['a media type', fastify('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), '415 unsupported_media_type'],
    ['malformed JSON', fastify('FST_ERR_CTP_INVALID_JSON_BODY', 400), '400 malformed_json'],
    [
      'malformed JSON that Nest wrapped',
      new HttpException('x', 400, { cause: fastify('FST_ERR_CTP_INVALID_JSON_BODY', 400) }),
      '400 malformed_json',
    ],
    ['an empty JSON body', fastify('FST_ERR_CTP_EMPTY_JSON_BODY', 400), '400 malformed_json'],
    ['a bad URL', fastify('FST_ERR_BAD_URL', 400), '400 bad_request'],
    ['a handler that took too long', fastify('FST_ERR_HANDLER_TIMEOUT', 503), '503 unavailable'],
    ['a client that went away', Object.assign(coded('ECONNRESET'), { statusCode: 400 }), '400 bad_request'],
  ])('tells of %s by its status', (_name, error, expected) => {
    expect(told(error)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['NUL in text', '22021', '422 validation_failed'],
    ['NUL in jsonb', '22P05', '422 validation_failed'],
    ['a number out of range', '22003', '422 validation_failed'],
    ['a bad uuid', '22P02', '422 validation_failed'],
    ['a time out of range', '22008', '422 validation_failed'],
    ['a time that is none', '22007', '422 validation_failed'],
    ['text too long', '22001', '422 validation_failed'],
    ['an index row too large', '54000', '422 validation_failed'],
    ['a check', '23514', '422 validation_failed'],
    ['a missing value', '23502', '422 validation_failed'],
    ['an unknown foreign key', '23503', '422 validation_failed'],
    ['an unknown unique key', '23505', '409 conflict'],
    ['an exclusion', '23P01', '409 conflict'],
    ['a restricted delete', '23001', '409 in_use'],
    ['a serialization failure', '40001', '409 conflict'],
    ['a deadlock', '40P01', '409 conflict'],
    ['a policy', '42501', '404 not_found'],
    ['a stale placement', 'TM001', '503 unavailable'],
    ['a tenant on the move', 'TM002', '503 tenant_moving'],
    ['a statement time-out', '57014', '503 unavailable'],
    ['a lock time-out', '55P03', '503 unavailable'],
    ['a restart', '57P01', '503 unavailable'],
    ['a start', '57P03', '503 unavailable'],
    ['a lost connection', '08006', '503 unavailable'],
    ['too many connections', '53300', '503 unavailable'],
    ['a full disk', '53100', '503 unavailable'],
    ['a syntax error', '42601', '500 internal_error'],
    ['an unknown table', '42P01', '500 internal_error'],
  ])('tells of %s (%s)', (_name, code, expected) => {
    expect(told(database(code))).toBe(expected);
    expect(told(new DriverException(database(code)))).toBe(expected);
    expect(told(new Error('wrapped', { cause: database(code) }))).toBe(expected);
  });

  it('answers a known constraint with its field, from pg and from MikroORM alike', () => {
    const error = database('23505', { constraint: 'menus_organization_id_menu_code_key' });
    for (const thrown of [error, new UniqueConstraintViolationException(error)]) {
      expect(problemOf(thrown)).toMatchObject({
        code: 'conflict',
        extras: { errors: [{ path: 'menu_code', code: 'taken' }] },
      });
      expect(problemOf(thrown).cause).toBeUndefined();
    }
  });
  it('tells a reference to nothing from a row that others lean on', () => {
    const constraint = 'posts_board_id_fkey';
    expect(
      problemOf(database('23503', { constraint, detail: 'Key (board_id)=(1) is not present in table "boards".' })),
    ).toMatchObject({
      status: 422,
      extras: { errors: [{ path: 'board_id', code: 'not_found' }] },
    });
    expect(
      told(database('23503', { constraint, detail: 'Key (id)=(1) is still referenced from table "posts".' })),
    ).toBe('409 in_use');
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'])(
    'is unavailable when a peer answers %s',
    (code) => {
      expect(told(coded(code))).toBe('503 unavailable');
    },
  );
  it.each([
    'timeout exceeded when trying to connect',
    'the server eu-1 is away',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Query read timeout',
  ])('is unavailable when pg says "%s"', (message) => {
    expect(told(new Error(message))).toBe('503 unavailable');
  });

  it('knows the errors of MikroORM that are answers', () => {
    expect(told(NotFoundError.findOneFailed('Menu', { id: 1 }))).toBe('404 not_found');
    expect(told(OptimisticLockError.lockFailed('Menu'))).toBe('409 conflict');
    expect(told(OptimisticLockError.lockFailedVersionMismatch({}, 1, 2))).toBe('412 stale');
  });

  it.each([new Error('secret'), new TypeError('secret'), 'secret', undefined, null, { code: 'x' }, 7])(
    'keeps to itself what it does not know: %p',
    (error) => {
      const problem = problemOf(error);
      expect([problem.status, problem.code]).toEqual([500, 'internal_error']);
      expect(JSON.stringify([problem.detail, problem.extras])).not.toContain('secret');
    },
  );

  it('keeps the cause for the log where the fault is ours, and repeats no word of it', () => {
    for (const code of ['42501', '53100', '22021', '23505', '42601']) {
      const error = database(code);
      const problem = problemOf(error);
      expect(problem.cause).toBe(error);
      expect(JSON.stringify([problem.detail, problem.extras, problem.headers])).not.toContain('secret');
    }
    expect(problemOf(Conflict()).cause).toBeUndefined();
  });
  it('says when to come back after a 503', () => {
    expect(problemOf(database('53300')).headers).toHaveProperty('retry-after');
    expect(problemOf(database('TM002')).headers).toEqual({ 'retry-after': '1' });
  });
});

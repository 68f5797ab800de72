import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemType, type Problem, type ProblemExtras } from '../../common/problem.js';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** The members of RFC 9457 and ours (api.md, "Errors"). */
export interface ProblemBody extends ProblemExtras {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path without the query. */
  instance: string;
  code: string;
  request_id: string;
}

export const problemBody = (problem: Problem, instance: string, requestId: string): ProblemBody => ({
  type: problemType(problem.code),
  title: problem.definition.title,
  status: problem.status,
  detail: problem.detail,
  instance,
  code: problem.code,
  request_id: requestId,
  ...problem.extras,
});

/**
 * The path of a request's target, as it was sent. A target may also be a whole URL (RFC 9112, 3.2.2), whose authority is
 * the caller's word, and some clients send the fragment.
 */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '');
}

/** Headers that a handler set for the answer it did not get to give. */
const OF_THE_ROW = ['etag', 'location', 'last-modified', 'content-disposition', 'content-length'];

/** Sends it. Where the answer has begun already, the connection is cut, so that half a file cannot pass for a whole one. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  if (reply.sent || reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  for (const name of OF_THE_ROW) reply.removeHeader(name);
  const body = problemBody(problem, pathOf(request.raw.url ?? ''), request.id);
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', PROBLEM_JSON)
    .send(JSON.stringify(body));
}

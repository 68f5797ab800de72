import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../common/problem.js';
import { problemOf } from './problem-of.js';
import { sendProblem } from './problem-answer.js';

/** Hears what a request is answered. */
export type ProblemListener = (problem: Problem, request: FastifyRequest) => void;

/** Answers whatever is thrown anywhere under Nest, the router and the body parser included. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  /** @param onProblem told of each problem before it is answered; it delays no answer and does not throw */
  constructor(private readonly onProblem: ProblemListener = () => undefined) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = problemOf(error);
    this.log(problem, request);
    this.onProblem(problem, request);
    sendProblem(request, http.getResponse<FastifyReply>(), problem);
  }

  /** 500, and a write that only a policy stopped (404 with a cause), are errors of ours; the rest is a warning. */
  private log({ cause, status, code }: Problem, request: FastifyRequest): void {
    if (cause === undefined) return;
    const line = { request_id: request.id, err: cause, message: `answered ${String(status)} ${code}` };
    if (status === 500 || status === 404) this.logger.error(line);
    else this.logger.warn(line);
  }
}

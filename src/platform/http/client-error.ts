import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { newId } from '../../common/ids.js';
import { BadRequest, RequestTimeout, TooLarge, type Problem } from '../../common/problem.js';
import { problemBody, PROBLEM_JSON } from './problem-answer.js';

/** Answers what is not HTTP enough to become a request: written to the socket, which is then closed. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOfSocket(error.code);
  const id = newId();
  const body = JSON.stringify(problemBody(problem, '', id));
  socket.end(
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}\r\ncontent-type: ${PROBLEM_JSON}\r\n` +
      `x-request-id: ${id}\r\nconnection: close\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}

function problemOfSocket(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return TooLarge({ detail: 'The headers are too large.' });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return RequestTimeout();
    default:
      return BadRequest();
  }
}

import { ApiResponse } from '@nestjs/swagger';
import { problemType, type ProblemFactory } from '../../common/problem.js';

/** Documents a problem that a handler answers by itself, in the shape of RFC 9457. */
export function ApiRefusal({ definition }: ProblemFactory, description: string, more: object = {}): MethodDecorator {
  const { code, status, title, detail, layer } = definition;
  const example = {
    type: problemType(code),
    title,
    status,
    detail: detail ?? title,
    code,
    request_id: '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11',
    ...(layer === undefined ? {} : { layer }),
    ...more,
  };
  return ApiResponse({
    status,
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example } },
  });
}

import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';

/** Id, words and path parameters of an operation on something of a user's. */
export const UserOperation = (
  operationId: string,
  summary: string,
  { description, also = [] }: { description?: string; also?: readonly string[] } = {},
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId, summary, ...(description === undefined ? {} : { description }) }),
    ...['user_id', ...also].map((name) => ApiParam({ name, schema: { type: 'string', format: 'uuid' } })),
  );

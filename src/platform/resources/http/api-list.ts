import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { Resource } from '../definition/resource.js';
import { answerTypesOf } from './answer-types.js';
import { queries } from './operation-parts.js';
import { listParameters, pageParameters } from './parameters.js';

/** The parameters and the answer of a further route that lists records of a resource. */
export const ApiList = (resource: Resource): MethodDecorator =>
  applyDecorators(
    queries([...pageParameters(resource), ...listParameters(resource)]),
    ApiResponse({ status: 200, description: 'A page', type: answerTypesOf(resource.row).page }),
  );

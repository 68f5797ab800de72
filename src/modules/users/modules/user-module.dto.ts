import { ApiProperty } from '@nestjs/swagger';
import { IsTags } from '../../../platform/resources/index.js';

export class AssignModules {
  /** Keys of the registry, in whatever case. @example ['crm', 'sales'] */
  @IsTags() modules: string[];
}

export class AssignedModules {
  @ApiProperty({ type: 'array', items: { type: 'string' }, example: ['crm', 'sales'] }) modules: string[];
}

import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { isUuid } from '../../common/ids.js';
import { invalid } from '../../common/problem.js';

/** `@Param('lead_id', UuidPipe)`: anything but a UUID is 422 at the parameter's name. In lower case from here on, as ids are stored. */
export class UuidPipe implements PipeTransform<unknown, string> {
  transform(value: unknown, { data }: ArgumentMetadata): string {
    if (!isUuid(value)) throw invalid(data ?? '', 'is_uuid', 'must be a UUID');
    return value.toLowerCase();
  }
}

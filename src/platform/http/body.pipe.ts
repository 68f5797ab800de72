import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { faultOfText } from '../../common/json.js';
import { ValidationFailed } from '../../common/problem.js';
import { UnfitBody } from './json-body.js';
import { validateBody, type InputClass } from './validate-body.js';

/** Types that TypeScript leaves behind where no class is declared. */
const NOT_DECLARED = new Set<unknown>([undefined, Object, String, Number, Boolean, Array, Buffer, Date]);

/**
 * The one pipe, after the guards: bodies and queries are checked against the class of the handler's argument where it
 * has one, and a NUL character never gets further. 422 with a fault for each field.
 */
export class BodyPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    switch (type) {
      case 'body':
        if (value instanceof UnfitBody) throw value.problem();
        break;
      case 'query':
      case 'param':
        refuseNul(value, data);
        break;
      default:
        return value;
    }
    return isInputClass(metatype) && data === undefined ? validateBody(metatype, value) : value;
  }
}

const isInputClass = (metatype: unknown): metatype is InputClass<object> =>
  typeof metatype === 'function' && !NOT_DECLARED.has(metatype);

function refuseNul(value: unknown, path = ''): void {
  if (typeof value === 'string') {
    const fault = faultOfText(value);
    if (fault) throw ValidationFailed({ errors: [{ ...fault, path }] });
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      refuseNul(name, '');
      refuseNul(item, Array.isArray(value) ? path : name);
    }
  }
}

import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { StoredRow } from '../dto/business.dto.js';

/** Classes of answers that follow from a row's: what the OpenAPI document, and with it the serializers, are made from. */
export interface AnswerTypes {
  readonly page: Type;
  readonly bulk: Type;
}

/** Two classes of one name would be two schemas of one name. */
const known = new WeakMap<Type<StoredRow>, AnswerTypes>();

/** Of `LeadRow`: `LeadPage` and `LeadBulk`, the same each time. */
export function answerTypesOf(row: Type<StoredRow>): AnswerTypes {
  const types = known.get(row) ?? makeTypes(row);
  known.set(row, types);
  return types;
}

function makeTypes(row: Type<StoredRow>): AnswerTypes {
  class Bulk {
    @ApiProperty({ type: [row], description: 'In the order of the request; deleted ones as they are then' })
    items: StoredRow[];
  }
  class Page {
    @ApiProperty({ type: [row] })
    items: StoredRow[];
    @ApiProperty({ type: 'string', nullable: true, description: 'Hand it back as `cursor`; null on the last page' })
    next_cursor: string | null;
    @ApiProperty({ type: 'integer', nullable: true, description: 'With `with_total=true` alone' })
    total: number | null;
  }
  const name = row.name.replace(/Row$/, '');
  return { page: renamed(Page, `${name}Page`), bulk: renamed(Bulk, `${name}Bulk`) };
}

function renamed(type: Type, name: string): Type {
  Object.defineProperty(type, 'name', { value: name });
  return type;
}

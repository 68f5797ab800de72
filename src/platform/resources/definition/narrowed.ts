import type { StoredRow } from '../dto/business.dto.js';
import type { Resource, RowCondition } from './resource.js';

/** What a service may change of a resource for one request. */
export type Narrowing<Row extends StoredRow> = Partial<
  Pick<Resource<Row>, 'permissions' | 'unit' | 'holding' | 'scope' | 'admitted' | 'ofPeople'>
> & { readonly where?: RowCondition };

/**
 * The resource as one caller reaches it: with a further condition on its rows, other permissions, or another unit. Reads
 * and writes alike see nothing else.
 */
export function narrowed<Row extends StoredRow>(
  resource: Resource<Row>,
  { where, ...more }: Narrowing<Row>,
): Resource<Row> {
  const conditions = where === undefined ? resource.conditions : [...resource.conditions, where];
  return { ...resource, ...more, conditions };
}

/** The records below this one. */
export const below = <Row extends StoredRow>(resource: Resource<Row>, parentId: string): Resource<Row> => ({
  ...resource,
  parentId,
});

import type { OpenAPIObject } from '@nestjs/swagger';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** What `@RequireAccess` and its kin write into an operation. */
export interface DeclaredAccess {
  readonly kind: string;
  readonly tenant?: string;
  readonly any_of?: readonly string[];
}
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { 'x-required-access'?: DeclaredAccess };

export interface PlacedOperation {
  readonly path: string;
  readonly method: (typeof METHODS)[number];
  readonly operation: Operation;
}

/** Every operation of a document with where it stands, to be looked at or to be changed. */
export function operationsOf({ paths }: OpenAPIObject): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation: Operation | undefined = item[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
}

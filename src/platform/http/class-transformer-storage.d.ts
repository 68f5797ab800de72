/** Where class-transformer keeps what `@Type` declared; it has no public way to ask (@nestjs/mapped-types reads it so, too). */
declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: {
    findTypeMetadata(target: new () => object, property: string): { typeFunction?: () => unknown } | undefined;
  };
}

declare module 's3rver' {
  /** Of a server like S3 what is used here: it brings no types. */
  export default class S3rver {
    constructor(options: object);
    run(): Promise<import('node:net').AddressInfo>;
    close(): Promise<void>;
  }
}

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { NotFound, Problem, Unavailable } from '../../common/problem.js';
import type { Config } from '../../config/index.js';
import { Measured } from './measured.js';
import { AWAY, type Listed, ObjectStore, type Source, type Stored, type StoredObject } from './object-store.js';
import { upload } from './s3-upload.js';

/** Milliseconds after which a server that says nothing is given up; each is asked twice. */
export interface S3Patience {
  readonly connect: number;
  readonly answer: number;
  /** While a body is read or sent. */
  readonly silence: number;
}
const PATIENCE: S3Patience = { connect: 2_000, answer: 15_000, silence: 30_000 };
const DELETED_AT_ONCE = 8;

/** Objects of a bucket. What is uploaded counts once the server has told, or shown, that it has the same bytes. */
export class S3Store extends ObjectStore {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(config: NonNullable<Config['s3']>, patience = PATIENCE) {
    super();
    this.bucket = config.bucket;
    this.client = clientOf(config, patience);
  }

  async put(key: string, source: Source): Promise<Stored> {
    const measured = new Measured(source);
    try {
      const etag = await upload(this.client, { Bucket: this.bucket, Key: key }, measured);
      const stored = measured.sum();
      await this.verify(key, stored, etag);
      return stored;
    } catch (error) {
      if (measured.failure !== undefined) throw measured.failure.error;
      throw problemOfS3(error);
    }
  }

  async get(key: string): Promise<StoredObject> {
    try {
      const { Body: body, ContentLength: bytes } = await this.client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: key }),
      );
      if (!(body instanceof Readable) || bytes === undefined) throw new Error('the server sent no object');
      return { body, bytes };
    } catch (error) {
      throw problemOfS3(error);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
    } catch (error) {
      throw problemOfS3(error);
    }
  }

  async *list(folder: string): AsyncGenerator<Listed> {
    let after: string | undefined;
    do {
      const page = await this.page(`${folder}/`, after);
      for (const { Key: key, Size: bytes } of page.Contents ?? [])
        if (key !== undefined && bytes !== undefined) yield { key, bytes };
      after = page.NextContinuationToken;
    } while (after !== undefined);
  }

  /** One by one: deleting many at once wants a checksum, which not every server takes. */
  async deleteAll(folder: string): Promise<void> {
    const objects = this.list(folder);
    const worker = async (): Promise<void> => {
      for await (const { key } of objects) await this.delete(key);
    };
    await Promise.all(Array.from({ length: DELETED_AT_ONCE }, worker));
  }

  /** Parts of uploads whose writer died are the bucket's to remove: a rule of its life cycle (docs/operations.md). */
  async tidy(): Promise<void> {
    // nothing else is left
  }

  close(): void {
    this.client.destroy();
  }

  private async page(prefix: string, after: string | undefined) {
    try {
      return await this.client.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: after }),
      );
    } catch (error) {
      throw problemOfS3(error);
    }
  }

  /** By size, and by the server's own MD5 where it tells one; else it is read again. */
  private async verify(key: string, { bytes, sha256 }: Stored, etag: string): Promise<void> {
    const head = await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
    if (head.ContentLength === bytes && (head.ETag === `"${etag}"` || (await this.hashOf(key)) === sha256)) return;
    await this.delete(key);
    throw new Error(`the server has other bytes of ${key} than were sent`);
  }

  private async hashOf(key: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of (await this.get(key)).body) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }
}

function clientOf(
  { endpoint, region, accessKey, secretKey, checksums }: NonNullable<Config['s3']>,
  { connect, answer, silence }: S3Patience,
): S3Client {
  const when = checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED';
  return new S3Client({
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // a server of one's own seldom has a host name for each bucket
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: when,
    responseChecksumValidation: when,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: connect,
      requestTimeout: answer,
      throwOnRequestTimeout: true,
      socketTimeout: silence,
    },
  });
}

function problemOfS3(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error && error.name === 'NoSuchKey') return NotFound();
  return Unavailable({ detail: AWAY, cause: error });
}

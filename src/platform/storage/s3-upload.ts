import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TooLarge } from '../../common/problem.js';
import type { Source } from './object-store.js';

/** Of at least 5 MiB, and all but the last of one size (Amazon S3, "multipart upload limits"). */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}
interface Part {
  readonly bytes: Buffer;
  readonly number: number;
  readonly isLast: boolean;
}
type Parts = AsyncGenerator<Part, undefined>;

const md5 = (...parts: Buffer[]): Buffer => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Uploads a source of unknown size, a part in memory at a time. @returns the entity tag that S3 gives to these bytes */
export async function upload(client: S3Client, target: Target, source: Source): Promise<string> {
  const parts = partsOf(source);
  try {
    const { value: first } = await parts.next();
    if (first === undefined || first.isLast) {
      const body = first?.bytes ?? Buffer.alloc(0);
      await client.send(new PutObjectCommand({ ...target, Body: body, ContentLength: body.length }));
      return md5(body).toString('hex');
    }
    return await uploadParts(client, target, first, parts);
  } finally {
    // whoever fails lets the source know
    await parts.return(undefined);
  }
}

async function uploadParts(client: S3Client, target: Target, first: Part, parts: Parts): Promise<string> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  if (UploadId === undefined) throw new Error('the server began no upload');
  const sent: CompletedPart[] = [];
  const sums: Buffer[] = [];
  try {
    for (let part: Part | undefined = first; part !== undefined; part = (await parts.next()).value) {
      const { bytes, number: PartNumber } = part;
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body: bytes, ContentLength: bytes.length }),
      );
      sent.push({ PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) });
      sums.push(md5(bytes));
    }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: sent } }));
    return `${md5(...sums).toString('hex')}-${String(sums.length)}`;
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** @throws TooLarge */
async function* partsOf(source: Source): Parts {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  const part = (bytes: Buffer, isLast: boolean): Part => {
    if (number === MAX_PARTS) throw TooLarge({ detail: 'The file is larger than what can be stored.' });
    return { bytes, number: ++number, isLast };
  };
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    // more than that: something is left for the last one
    for (; size > PART_BYTES; size -= PART_BYTES) {
      const all = Buffer.concat(chunks);
      chunks = [all.subarray(PART_BYTES)];
      yield part(all.subarray(0, PART_BYTES), false);
    }
  }
  yield part(Buffer.concat(chunks), true);
  return undefined;
}

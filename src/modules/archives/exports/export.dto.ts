import { ApiProperty } from '@nestjs/swagger';
import { StoredRow } from '../../../platform/resources/index.js';
import { EXPORT_STATUSES } from './export.entity.js';

/** An archive of all that there is of a tenant. */
export class ExportRow extends StoredRow {
  tenant_id: string;
  @ApiProperty({ enum: EXPORT_STATUSES }) status: string;
  /** Of the file; null until it is ready. */
  size_bytes: number | null;
  /** The sha256 of the file, in hexadecimal digits; null until it is ready. */
  checksum: string | null;
  /** Until when it can be downloaded; null until it is ready. */
  expires_at: string | null;
  /** Why it failed. */
  error: string | null;
}

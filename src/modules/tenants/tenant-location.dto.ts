import { ApiProperty } from '@nestjs/swagger';
import { TenantPlace } from './tenant.dto.js';

/** Where a tenant's rows are, and how much that is. What cannot be asked at the moment is null. */
export class TenantLocation extends TenantPlace {
  /** On disk, indexes included; in the shared tables an estimate by its part of the rows. @example 81920 */
  @ApiProperty({ type: 'integer', nullable: true }) size_bytes: number | null;
  /** Of all tables there, what is deleted softly included. @example 1250 */
  @ApiProperty({ type: 'integer', nullable: true }) rows: number | null;
  /** Open now to the database that it is in, by whomever. @example 3 */
  @ApiProperty({ type: 'integer', nullable: true }) connections: number | null;
}

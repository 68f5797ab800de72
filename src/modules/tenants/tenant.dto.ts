import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, ValidateIf } from 'class-validator';
import {
  IsEmailAddress,
  IsFreeForm,
  IsName,
  IsOneOf,
  IsText,
  IsTextThat,
  RestorableRow,
} from '../../platform/resources/index.js';
import { isReserved, isSubdomain, TENANT_CODE } from './names.js';

/** Of users: an administrator's is his address. */
const MAX_USERNAME = 100;
const ISOLATIONS = ['shared', 'schema', 'database'] as const;

const IsTenantCode = (): PropertyDecorator =>
  IsTextThat(
    { maxLength: 50, pattern: TENANT_CODE.source, example: 'siteA' },
    'isTenantCode',
    (text) => TENANT_CODE.test(text) && !isReserved(text),
    'must begin with a letter or digit, hold letters, digits, _ and - (2 to 50), and be no reserved name',
  );
/** May be left out, but not be null. */
const IsGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
const IsTenantDomain = (): PropertyDecorator => IsText(255);
const IsTenantSubdomain = (): PropertyDecorator =>
  IsTextThat(
    { maxLength: 63, example: 'site-a' },
    'isSubdomain',
    (text) => isSubdomain(text) && !isReserved(text),
    'must be one label of a host name, and no reserved one',
  );

export class CreateTenant {
  /** Compared without regard to case; taken for ever. */
  @IsTenantCode() tenant_code: string;
  /** @example 'Site A' */
  @IsName(100) tenant_name: string;
  /** A host of the tenant's own: it routes nothing until it is verified. @example 'siteA.com' */
  @IsOptional() @IsTenantDomain() domain?: string | null;
  /** Its label below the product's domain. */
  @IsOptional() @IsTenantSubdomain() subdomain?: string | null;
  /** Whom the invitation to administer the tenant is sent to; his username too. @example 'admin@siteA.com' */
  @IsEmailAddress(MAX_USERNAME) admin_email: string;
  /** The code of a plan. */
  @IsGiven() @IsName(50) license_tier?: string;
  @IsGiven() @IsOneOf(ISOLATIONS) isolation?: string;
  /** A server of the configuration, for a database of its own; shared tables and schemas are on main. */
  @IsGiven() @IsName(63) server?: string;
  /** Passed through untouched: theme, locale, currency … */
  @IsGiven() @IsFreeForm() settings?: Record<string, unknown>;
}

/** What its administrator changes; code and tier are the platform's. */
export class UpdateTenant {
  /** @example 'Site B' */
  @IsOptional() @IsName(100) tenant_name?: string;
  @IsOptional() @IsFreeForm() settings?: Record<string, unknown>;
  @IsOptional() @IsTenantDomain() domain?: string | null;
  @IsOptional() @IsTenantSubdomain() subdomain?: string | null;
  /** By the platform alone. */
  @IsOptional() @IsTenantCode() tenant_code?: string;
  /** By the platform alone: the code of a plan. */
  @IsOptional() @IsName(50) license_tier?: string;
}

export class VerifyDomain {
  /** By the platform alone: without asking the DNS. */
  @IsOptional() @IsBoolean() confirm?: boolean;
}

/** Where the tenant's rows are. */
export class TenantPlace {
  @ApiProperty({ enum: ISOLATIONS }) isolation: string;
  /** @example 'main' */
  server: string;
  /** While it is `provisioning` the tenant answers 503. @example 'ready' */
  status: string;
}

export class TenantRow extends RestorableRow {
  tenant_code: string;
  tenant_name: string;
  domain: string | null;
  domain_verified_at: string | null;
  subdomain: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true }) settings: Record<string, unknown>;
  status: string;
  license_tier: string;
  /** The tenant's own switches, over its plan in both directions. */
  @ApiProperty({ type: 'object', additionalProperties: true }) enabled_modules: Record<string, boolean>;
  admin_email: string | null;
  @ApiProperty({ enum: ISOLATIONS }) isolation: string;
  location: TenantPlace;
}

import { IsOptional } from 'class-validator';
import {
  BusinessInput,
  BusinessRow,
  IsCurrencyCode,
  IsEmailAddress,
  IsMoney,
  IsName,
  IsOneOf,
  IsPhone,
  IsText,
} from '../../../platform/resources/index.js';
import { LEAD_STATUSES } from './lead.entity.js';

export class CreateLead extends BusinessInput {
  /** @example 'Ada Lovelace' */
  @IsName() name: string;

  /** @example 'Analytical Engines Ltd' */
  @IsOptional() @IsText() company?: string | null;

  /** @example 'ada@engines.example' */
  @IsOptional() @IsEmailAddress() email?: string | null;

  /** @example '+44 20 7946 0018' */
  @IsOptional() @IsPhone() phone?: string | null;

  /** Where it came from. @example 'fair' */
  @IsOptional() @IsText() source?: string | null;

  /** A new lead is `new`; it is converted by its own call alone. */
  @IsOptional() @IsOneOf(LEAD_STATUSES) status?: string;

  @IsOptional() @IsMoney() estimated_value?: string | null;

  /** Your tenant's currency, when left out. */
  @IsOptional() @IsCurrencyCode() currency?: string | null;
}

export class LeadRow extends BusinessRow {
  /** @example 'Ada Lovelace' */
  name: string;
  /** @example 'Analytical Engines Ltd' */
  company: string | null;
  /** @example 'ada@engines.example' */
  email: string | null;
  /** @example '+44 20 7946 0018' */
  phone: string | null;
  /** Where it came from. @example 'fair' */
  source: string | null;
  status: string;
  /** @example '1250.00' */
  estimated_value: string | null;
  /** @example 'EUR' */
  currency: string | null;
}

import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, ValidateIf } from 'class-validator';
import { IsFreeForm, IsName, IsPhone, IsWebAddress } from '../../platform/resources/index.js';
import { SignedInUser } from './auth.dto.js';

/** The tenant that the session, or a platform user's X-Tenant, is about. */
export class CurrentTenant {
  /** @example 01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11 */
  id: string;
  /** @example testcorp */
  tenant_code: string;
  /** @example 'Test Corp' */
  tenant_name: string;
  @ApiProperty({ enum: ['active', 'suspended', 'inactive'] })
  status: string;
  /** @example enterprise */
  license_tier: string;
}

/** A role that the person holds in the tenant. */
export class HeldRoleAnswer {
  /** @example 01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11 */
  id: string;
  /** @example admin */
  role_code: string;
  /** @example Administrator */
  role_name: string;
  /**
   * Authority, 0 to 100
   * @example 90
   */
  priority: number;
  @ApiProperty({ enum: ['all', 'team', 'own'] })
  record_scope: string;
}

/** Whether the tenant may use a module now, and why. */
export class ModuleState {
  /** @example crm */
  module: string;
  /** @example true */
  entitled: boolean;
  /**
   * always_on, by_role, override, plan or trial; or why not: disabled, not_in_plan, trial_expired, subscription_canceled, past_due
   * @example plan
   */
  reason: string;
  /** When the tenant's trial of it ends or ended */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  trial_ends_at: string | null;
}

/** The tenant that a platform user acts in. */
export class ActingAs {
  /** @example 01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11 */
  tenant_id: string;
  /** @example acme */
  tenant_code: string;
}

const NAME_LENGTH = 100;

/** What a person changes of himself: what is absent stays, null clears. */
export class UpdateMe {
  /** Without one, first and last name stand for it. @example 'Ada Lovelace' */
  @IsOptional() @IsName(NAME_LENGTH) full_name?: string | null;

  /** @example 'Ada' */
  @IsOptional() @IsName(NAME_LENGTH) first_name?: string | null;

  /** @example 'Lovelace' */
  @IsOptional() @IsName(NAME_LENGTH) last_name?: string | null;

  /** @example '+44 20 7946 0018' */
  @IsOptional() @IsPhone() phone?: string | null;

  /** @example 'https://example.com/ada.png' */
  @IsOptional() @IsWebAddress() avatar_url?: string | null;

  /** What the person's clients keep here, replaced whole. */
  @ValidateIf((_, value) => value !== undefined) @IsFreeForm() preferences?: Record<string, unknown>;
}

/** All that a client needs to know of the person it serves. */
export class Me {
  user: SignedInUser;
  @ApiProperty({ type: () => CurrentTenant, nullable: true })
  tenant: CurrentTenant | null;
  @ApiProperty({ type: () => [HeldRoleAnswer] })
  roles: HeldRoleAnswer[];
  /**
   * The codes of everything that he may do here, what they imply included
   * @example ["crm_leads_read"]
   */
  permissions: string[];
  @ApiProperty({ type: () => [ModuleState] })
  modules: ModuleState[];
  /** Whose business records he reaches at most */
  @ApiProperty({ enum: ['all', 'team', 'own'] })
  record_scope: string;
  is_superuser: boolean;
  /** null: he is at home here, or acts in no tenant */
  @ApiProperty({ type: () => ActingAs, nullable: true })
  acting_as: ActingAs | null;
}

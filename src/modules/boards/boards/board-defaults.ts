import { Injectable } from '@nestjs/common';
import { newId } from '../../../common/ids.js';
import { auditInsert, currentPlacement, Tenancy } from '../../../platform/tenancy/index.js';

const NOTICE = { board_code: 'notice', board_name: 'Notice board', board_type: 'notice' } as const;

/** The board that is made with a tenant. */
@Injectable()
export class BoardDefaults {
  constructor(private readonly tenancy: Tenancy) {}

  /** Makes the board `notice` in the scope's tenant, unless a living one has its code: it can be repeated. */
  make(): Promise<void> {
    return this.tenancy.transaction(async () => {
      const { organizationId } = currentPlacement();
      const [made] = await this.tenancy.write<{ id: string }>({
        text: `insert into boards (organization_id, id, board_code, board_name, board_type) values ($1, $2, $3, $4, $5)
          on conflict (organization_id, board_code_lower) where deleted_at is null do nothing returning id`,
        values: [organizationId, newId(), NOTICE.board_code, NOTICE.board_name, NOTICE.board_type],
      });
      if (made === undefined) return;
      const entry = { organizationId, action: 'create', resource: 'boards', resourceId: made.id };
      await this.tenancy.write(auditInsert('audit_log', [{ ...entry, changes: { after: NOTICE } }]));
    });
  }
}

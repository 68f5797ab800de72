import { Injectable } from '@nestjs/common';
import { NotFound } from '../../../common/problem.js';
import type { Statement } from '../../../platform/database/index.js';
import { currentPlacement, Tenancy } from '../../../platform/tenancy/index.js';
import type { Counted } from './audited.js';
import { bringBack, type Children, removeAll, takeAlong } from './children.js';

/** Runs what goes and comes back with a row, inside the unit of work that changes the row itself. */
@Injectable()
export class ChildRows {
  constructor(private readonly tenancy: Tenancy) {}

  takeAlong(above: string, children: readonly Children[]): Promise<number> {
    return this.each(children, (organizationId, each) => takeAlong(organizationId, above, each));
  }

  bringBack(above: string, children: readonly Children[]): Promise<number> {
    return this.each(children, (organizationId, each) => bringBack(organizationId, above, each));
  }

  /** The deepest first, as the keys ask. Gives the number of those that lived. */
  removeAll(above: string, children: readonly Children[]): Promise<number> {
    return this.each(children.toReversed(), (organizationId, each) => removeAll(organizationId, above, each));
  }

  /** One row is held until the unit of work ends. @throws NotFound @param text gives the row for `$1`, the organization, and further values */
  async hold<Row>(text: string, ...values: unknown[]): Promise<Row> {
    const row = await this.find<Row>(text, ...values);
    if (row === undefined) throw NotFound();
    return row;
  }

  async find<Row>(text: string, ...values: unknown[]): Promise<Row | undefined> {
    const [row] = await this.tenancy.write<Row>({ text, values: [currentPlacement().organizationId, ...values] });
    return row;
  }

  /** Nobody deletes the board until the unit of work ends. @throws NotFound */
  async holdBoard(id: string): Promise<void> {
    await this.hold(
      `select id from boards where organization_id = $1::uuid and id = $2::uuid and deleted_at is null for share`,
      id,
    );
  }

  private async each(
    children: readonly Children[],
    statementOf: (organizationId: string, children: Children) => Statement,
  ): Promise<number> {
    const { organizationId } = currentPlacement();
    let sum = 0;
    for (const each of children) {
      const [counted] = await this.tenancy.write<Counted>(statementOf(organizationId, each));
      sum += counted?.count ?? 0;
    }
    return sum;
  }
}

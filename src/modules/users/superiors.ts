import { Injectable } from '@nestjs/common';
import { invalid, ValidationFailed } from '../../common/problem.js';
import type { Action } from '../../platform/access/index.js';
import { notFoundAt, ResourceReader } from '../../platform/resources/index.js';
import { Users } from './users.js';

/** Whom members report to. That nobody stands above himself the database keeps. */
@Injectable()
export class Superiors {
  constructor(private readonly reader: ResourceReader) {}

  /**
   * @param action by whose record scope the caller reaches him
   * @throws ValidationFailed at reports_to_id for one who is not to be had, or where an executive would have none
   */
  async assertAllowed(reportsToId: string | null, isExecutive: boolean, action: Action = 'read'): Promise<void> {
    if (reportsToId === null) {
      if (isExecutive) throw superiorRequired();
      return;
    }
    const superior = await this.reader.find(Users, reportsToId, action);
    if (superior === undefined) throw ValidationFailed({ errors: [notFoundAt('reports_to_id')] });
  }
}

export const superiorRequired = () => invalid('reports_to_id', 'required', 'an executive needs a superior');

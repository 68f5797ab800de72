import { Injectable } from '@nestjs/common';
import { LocationMaker } from '../../platform/database/index.js';
import { type PurgedPlace, PurgeTargets } from '../../platform/tenancy/index.js';

/** What is left of a tenant besides rows. */
@Injectable()
export class Remains extends PurgeTargets {
  constructor(private readonly maker: LocationMaker) {
    super();
  }

  canDrop(server: string): boolean {
    return this.maker.canMake(server);
  }

  drop({ isolation, server, database, schema }: PurgedPlace): Promise<void> {
    return isolation === 'database' ? this.maker.dropDatabase({ server, database }) : this.maker.dropSchema(schema);
  }
}

import { Injectable } from '@nestjs/common';

type IsUsed = (groupId: string) => Promise<boolean>;

/** Who else leans on groups, in another plane than theirs, where no key can hold it. A feature registers in its `onModuleInit`. */
@Injectable()
export class GroupUses {
  private readonly byName = new Map<string, IsUsed>();

  /** @param isUsed asked before a group of the scope's tenant is deleted; `true` refuses that */
  register(name: string, isUsed: IsUsed): void {
    this.byName.set(name, isUsed);
  }

  async any(groupId: string): Promise<boolean> {
    for (const isUsed of this.byName.values()) if (await isUsed(groupId)) return true;
    return false;
  }
}

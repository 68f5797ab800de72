/** What the rows of `board_groups` say of one board: ids of groups of core. */
export interface BoardRights {
  readonly read: ReadonlySet<string>;
  readonly write: ReadonlySet<string>;
}

/** What of the caller counts at a board, once the guard has found his permission. */
export interface BoardCaller {
  /** Ids of the groups that he is in, the computed one of all members included. */
  readonly groups: ReadonlySet<string>;
  /** Holds `board_manage`, which passes the groups. */
  readonly manages: boolean;
}

const meet = (some: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
  [...some].some((each) => others.has(each));

/** No group with the right to read: everyone who has `board_read`. A group that may write may read too. */
export const mayRead = ({ read, write }: BoardRights, { groups, manages }: BoardCaller): boolean =>
  manages || read.size === 0 || meet(read, groups) || meet(write, groups);

/** No group with the right to write: everyone who may read and has the permission of what he does. */
export const mayWrite = (rights: BoardRights, caller: BoardCaller): boolean =>
  caller.manages || (mayRead(rights, caller) && (rights.write.size === 0 || meet(rights.write, caller.groups)));

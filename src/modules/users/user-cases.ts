import { Injectable } from '@nestjs/common';
import type { Input, Resource, UseCases, Versions } from '../../platform/resources/index.js';
import { Members } from './members.js';
import { NewUsers } from './new-users.js';
import { assertPasswordAllowed, hashPassword } from './passwords.js';
import { UserChanges } from './user-changes.js';
import type { UserRow } from './user.dto.js';
import { textIn } from './user-input.js';
import { UserRemoval } from './user-removal.js';

/** What the routes of users do in their own way. */
@Injectable()
export class UserCases implements UseCases<UserRow> {
  constructor(
    private readonly newUsers: NewUsers,
    private readonly changes: UserChanges,
    private readonly removal: UserRemoval,
    private readonly members: Members,
  ) {}

  /** A hash takes longer than a connection should be held. */
  async prepare(_: Resource<UserRow>, input: Input): Promise<Input> {
    const password = textIn(input, 'password');
    if (password === null) return input;
    assertPasswordAllowed(password);
    return { ...input, password: undefined, hashed_password: await hashPassword(password) };
  }

  async create(_: Resource<UserRow>, input: Input, id: string): Promise<UserRow> {
    await this.newUsers.make(input, id);
    return this.members.answered(id);
  }

  update(_: Resource<UserRow>, id: string, input: Input, versions: Versions): Promise<UserRow> {
    return this.changes.change(id, input, versions);
  }

  delete(_: Resource<UserRow>, id: string, versions: Versions): Promise<void> {
    return this.removal.delete(id, versions);
  }

  hardDelete(_: Resource<UserRow>, id: string, versions: Versions): Promise<void> {
    return this.removal.hardDelete(id, versions);
  }

  restore(_: Resource<UserRow>, id: string, versions: Versions): Promise<UserRow> {
    return this.removal.restore(id, versions);
  }
}

import type { Snapshot } from './snapshot.js';

/**
 * `version` of `core.access_version`, as text, as the same statement saw it that read the facts: '0' where there is no
 * row. For a person who acts in no tenant both are that of the zero uuid.
 */
export interface AccessVersions {
  readonly organization: string;
  /** of the zero uuid: platform users and built-in roles */
  readonly everything: string;
}

export interface LoadedSnapshot {
  readonly snapshot: Snapshot;
  readonly versions: AccessVersions;
}

/** Where snapshots come from. The feature that knows users and roles implements it. */
export abstract class SnapshotSource {
  /**
   * Reads in one statement all that a snapshot says. Undefined when there is nobody to speak of: no such user, not a
   * member of the organization, the organization deleted, or a user without a tenant who is not of the platform.
   * Suspended people and tenants have a snapshot, which says so.
   * @param organizationId null: a platform user who acts in no tenant
   * @param sessionId the family whose life is asked for; null for a key, or when somebody else asks
   */
  abstract load(
    userId: string,
    organizationId: string | null,
    sessionId: string | null,
  ): Promise<LoadedSnapshot | undefined>;

  /** The ids of everybody under this person by `reports_to_id`, however deep, without himself. */
  abstract teamOf(userId: string, organizationId: string): Promise<readonly string[]>;
}

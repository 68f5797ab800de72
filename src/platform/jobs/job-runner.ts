import { Injectable } from '@nestjs/common';
import { isUuid } from '../../common/ids.js';
import { problemOf } from '../http/index.js';
import { currentPlacement, emptyScope, Placements, runInScope, Tenancy } from '../tenancy/index.js';
import type { JobKind, TenantKind } from './job-kinds.js';
import type { Envelope, TakenJob } from './job-queue.js';

/** What came of an attempt. */
export type Outcome =
  | { readonly came: 'done' }
  /** The attempt counts. */
  | { readonly came: 'failed'; readonly error: unknown }
  /** Nothing is wrong with the job: it could not be done now. */
  | { readonly came: 'put_off'; readonly error: unknown }
  /** It must not run, now or later. */
  | { readonly came: 'refused'; readonly reason: string }
  /** There is nobody any more to do it for. */
  | { readonly came: 'dropped'; readonly reason: string };

const DONE: Outcome = { came: 'done' };
class Refused extends Error {}

/** Runs one job inside the tenant that it names, and in no other. */
@Injectable()
export class JobRunner {
  constructor(
    private readonly tenancy: Tenancy,
    private readonly placements: Placements,
  ) {}

  async run(kind: JobKind, job: TakenJob, signal: AbortSignal): Promise<Outcome> {
    try {
      if (kind.of === 'tenant') return await this.runForTenant(kind, job, signal);
      await runInScope(emptyScope(), () => kind.work(signal));
      return DONE;
    } catch (error) {
      if (error instanceof Refused) return { came: 'refused', reason: error.message };
      return { came: problemOf(error).status === 503 ? 'put_off' : 'failed', error };
    }
  }

  private async runForTenant(kind: TenantKind, job: TakenJob, signal: AbortSignal): Promise<Outcome> {
    const { organizationId, epoch, payload } = envelopeOf(job);
    const known = await this.placements.known(organizationId);
    if (known === undefined) throw new Refused(`there is no tenant ${organizationId}`);
    if (known.isDeleted) return { came: 'dropped', reason: `the tenant ${organizationId} is deleted` };
    await this.tenancy.run(organizationId, async () => {
      const here = currentPlacement().epoch;
      if (epoch > here)
        throw new Refused(
          `its epoch ${String(epoch)} is newer than the tenant's ${String(here)}: it is of another database`,
        );
      await kind.work(payload, { id: job.id, organizationId, epoch, attempt: job.retryCount + 1, signal });
    });
    return DONE;
  }
}

/** Throws Refused: a job without its tenant and epoch, or of which two places name different ones, is nobody's. */
function envelopeOf({ data, groupId, singletonKey }: TakenJob): Envelope {
  const { organizationId, epoch, payload } = (data ?? {}) as Partial<Record<keyof Envelope, unknown>>;
  if (!isUuid(organizationId)) throw new Refused('it names no tenant');
  if (!Number.isInteger(epoch) || Number(epoch) < 1) throw new Refused('it has no epoch');
  if (groupId !== organizationId || singletonKey?.startsWith(`${organizationId}/`) !== true)
    throw new Refused('its key is not of the tenant that it names');
  if (typeof payload !== 'object' || payload === null) throw new Refused('it has no payload');
  return { organizationId, epoch: Number(epoch), payload };
}

import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { isProblem, NotFound, Unavailable } from '../../../common/problem.js';
import { CONFIG, type Config } from '../../../config/index.js';
import { MAIN_SERVER, Pools } from '../../../platform/database/index.js';
import { problemOf } from '../../../platform/http/index.js';
import { type JobContext, Jobs } from '../../../platform/jobs/index.js';
import { isFull } from '../../../platform/storage/index.js';
import { TenantExports } from '../tenant-exports.js';
import { ExportRecords } from './export-records.js';

const KIND = 'exports.make';
const RETRIES = 3;
/** Seconds within which one attempt has to end. */
const TIMEOUT_S = 6 * 3600;
/** In UTC: every five minutes. */
const TIDIED = '*/5 * * * *';

const NO_ROOM = 'There was no room for the archive.';
const FAILED = 'It could not be made. The log tells why, by the id of the export.';

interface Asked {
  readonly id: string;
}

/** Makes exports in the background, on nodes that have the login for moves, and removes what is over. */
@Injectable()
export class ExportJobs implements OnModuleInit {
  private readonly logger = new Logger(ExportJobs.name);
  private readonly folder: string;

  constructor(
    private readonly jobs: Jobs,
    private readonly exports: TenantExports,
    private readonly records: ExportRecords,
    private readonly pools: Pools,
    @Inject(CONFIG) config: Pick<Config, 'dataDir'>,
  ) {
    this.folder = join(config.dataDir, 'exports');
  }

  onModuleInit(): void {
    // a node that cannot read a tenant as a whole takes none: another does
    const concurrency = this.pools.servers.has('mover', MAIN_SERVER) ? 1 : 0;
    const options = { retries: RETRIES, timeoutS: TIMEOUT_S, concurrency };
    this.jobs.handle<Asked>(KIND, ({ id }, job) => this.make(id, job), options);
    this.jobs.schedule('exports.tidy', TIDIED, () => this.tidy());
  }

  /** Of the scope's tenant. */
  send(id: string): Promise<string> {
    return this.jobs.send(KIND, { id }, { key: id });
  }

  /** Removes what has expired, and sees to it that what is unfinished comes to an end. */
  async tidy(): Promise<void> {
    await this.records.expire();
    await this.records.giveUp();
    for (const { id, organizationId } of await this.records.unfinished())
      await this.jobs.sendFor(organizationId, KIND, { id }, { key: id }).catch(unlessGone);
  }

  /** Can be repeated. Whatever it throws, it is tried again. */
  private async make(id: string, { organizationId, attempt, signal }: JobContext): Promise<void> {
    if (!(await this.records.take(id))) return;
    try {
      const file = await nameless(this.folder);
      try {
        const { checksum } = await this.exports.write(organizationId, file, signal);
        await this.records.keep(id, checksum, file.createReadStream({ start: 0, autoClose: false, signal }));
      } finally {
        await file.close();
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (isFull(error)) await this.fail(id, NO_ROOM, error);
      // a move goes on for as long as it takes
      else if (isConflict(error)) throw Unavailable({ cause: error });
      else if (attempt > RETRIES && !isAway(error)) await this.fail(id, FAILED, error);
      else throw error;
    }
  }

  private async fail(id: string, reason: string, error: unknown): Promise<void> {
    this.logger.error({ err: error, message: `the export ${id} has failed` });
    await this.records.fail(id, reason);
  }
}

/** A file that is gone with whoever has it open, in whatever way he ends. */
async function nameless(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  const file = await open(path, 'wx+', 0o600);
  await rm(path);
  return file;
}

const isConflict = (error: unknown): boolean => problemOf(error).code === 'conflict';
const isAway = (error: unknown): boolean => problemOf(error).status === Unavailable.definition.status;
function unlessGone(error: unknown): void {
  if (!isProblem(error, NotFound.definition.code)) throw error;
}

import { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { newId } from '../../../common/ids.js';
import { Conflict, NotFound } from '../../../common/problem.js';
import { etagOf } from '../../../platform/http/index.js';
import { type Answer, ResourceReader } from '../../../platform/resources/index.js';
import { Storage } from '../../../platform/storage/index.js';
import {
  type AuditEntry,
  auditInsert,
  CoreUnit,
  currentPlacement,
  currentScope,
} from '../../../platform/tenancy/index.js';
import type { ExportRow } from './export.dto.js';
import { ExportJobs } from './export-jobs.js';
import { keyOf } from './export-place.js';
import { Exports } from './exports.js';

export interface Download {
  readonly name: string;
  readonly bytes: number;
  readonly checksum: string;
  /** Opens the file, once it is noted who takes it. @throws NotFound, Unavailable */
  readonly open: () => Promise<Readable>;
}

/** Exports of the scope's tenant, as they are asked for and taken away. */
@Injectable()
export class ExportsService {
  private readonly logger = new Logger(ExportsService.name);

  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly storage: Storage,
    private readonly jobs: ExportJobs,
  ) {}

  /** Notes that one is wanted, in a unit of core. @param path of all of them @throws Conflict while another is being made */
  async add(path: string): Promise<Answer<ExportRow>> {
    const id = newId();
    await this.core.write({
      text: 'insert into core.exports (id, organization_id, created_by, updated_by) values ($1, $2, $3, $3)',
      values: [id, currentPlacement().organizationId, currentScope().actor.id],
    });
    await this.tell('create', id);
    const row = await this.reader.get(Exports, id);
    return { status: 202, body: row, etag: etagOf(row.version), location: `${path}/${id}` };
  }

  /** Has it made. Where that cannot be asked for now, the next look at what is unfinished does. */
  async start(row: ExportRow): Promise<ExportRow> {
    await this.jobs.send(row.id).catch((error: unknown) => {
      this.logger.warn({ err: error, message: `the export ${row.id} waits` });
    });
    return row;
  }

  /** @throws NotFound, also for one that has expired; Conflict for one that is not ready */
  async download(id: string): Promise<Download> {
    const row = await this.reader.get(Exports, id);
    const { status, checksum, size_bytes: bytes } = row;
    if (status === 'expired') throw NotFound();
    if (status !== 'ready' || checksum === null || bytes === null)
      throw Conflict({ detail: status === 'failed' ? 'The export failed.' : 'The export is not ready yet.' });
    const code = currentScope().snapshot?.tenant?.code ?? 'tenant';
    return {
      ...{ bytes, checksum, name: `${code}-${row.created_at.slice(0, 10).replaceAll('-', '')}.archive` },
      open: () => this.open(id, checksum),
    };
  }

  private async open(id: string, checksum: string): Promise<Readable> {
    const { body } = await this.storage.own.get(keyOf(id, checksum));
    try {
      await this.tell('download', id);
      return body;
    } catch (error) {
      body.destroy();
      throw error;
    }
  }

  private async tell(action: string, resourceId: string): Promise<void> {
    const { organizationId } = currentPlacement();
    const entry: AuditEntry = { organizationId, action, resource: 'exports', resourceId };
    await this.core.write(auditInsert('core.audit_log', [entry]));
  }
}

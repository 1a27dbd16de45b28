import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Recipients } from '../../recipients';
import { ERRORS_SHOWN_MAX, type InputError, StreamTooLong, UploadAbandoned } from '../domain/errors';
import { AWARDS_MAX } from '../domain/plan';
import type { Rejection } from '../domain/settlement-snapshot';
import { type AwardLine, type RawLine, readAwardLine } from './award-line';
import { type UploadLine, UploadStore } from './ports';
import type { SettlementUpload } from './settlement-uploads';

/** Lines per INSERT, and the largest number of lines in memory, whatever the length of the stream. */
const BATCH_LINES = 5_000;

/** Reads the lines of an upload and stores them in batches, each in a transaction of its own. */
@Injectable()
export class ReceiveLines {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly recipients: Recipients,
    private readonly uploads: UploadStore,
  ) {}

  /**
   * Reads to the end of the stream.
   *
   * @returns the errors of the lines, null if there are none
   * @throws StreamTooLong, UploadAbandoned
   */
  async execute(
    tenant: TenantId,
    upload: SettlementUpload,
    lines: AsyncIterable<readonly RawLine[]>,
  ): Promise<Rejection | null> {
    const errors = new FirstErrors();
    let batch: AwardLine[] = [];
    let count = 0;
    for await (const raws of lines) {
      count += raws.length;
      if (count > AWARDS_MAX) throw new StreamTooLong(AWARDS_MAX);
      for (const raw of raws) {
        const award = readAwardLine(raw, upload.currency);
        if ('code' in award) errors.add(award);
        else if (batch.push(award) === BATCH_LINES) {
          await this.store(tenant, upload.id, batch, errors);
          batch = [];
        }
      }
    }
    if (batch.length > 0) await this.store(tenant, upload.id, batch, errors);
    return errors.rejection();
  }

  private async store(
    tenant: TenantId,
    id: string,
    batch: readonly AwardLine[],
    errors: FirstErrors,
  ): Promise<void> {
    // The errors are added after the commit, because the unit of work may repeat the transaction.
    const found = await this.uow.run(tenant, async (tx) => {
      const resolved = await this.resolve(tx, batch);
      // A stream with errors will be rejected: its lines are checked for more errors, but not stored.
      const stored = errors.none && resolved.errors.length === 0 ? resolved.lines : [];
      if (!(await this.uploads.add(tx, id, stored))) throw new UploadAbandoned();
      return resolved.errors;
    });
    found.forEach((error) => errors.add(error));
  }

  private async resolve(
    tx: Tx,
    batch: readonly AwardLine[],
  ): Promise<{ lines: UploadLine[]; errors: InputError[] }> {
    const found = await this.recipients.resolve(
      tx,
      batch.map(({ payee }) => payee),
    );
    const lines: UploadLine[] = [];
    const errors: InputError[] = [];
    batch.forEach(({ line, payee, amountMinor, rank }, index) => {
      const recipient = found[index];
      if (!recipient)
        errors.push({
          code: 'unknown_payee',
          message: `payee ${JSON.stringify(Object.values(payee)[0])} is not known`,
          line,
        });
      else if (!recipient.isActive)
        errors.push({ code: 'recipient_inactive', message: `recipient ${recipient.id} is not active`, line });
      else lines.push({ line, recipientId: recipient.id, amountMinor, rank });
    });
    return { lines, errors };
  }
}

/** Counts all errors of a stream and stores the first hundred. */
class FirstErrors {
  private total = 0;
  private readonly first: InputError[] = [];

  get none(): boolean {
    return this.total === 0;
  }

  add(error: InputError): void {
    if (this.total++ < ERRORS_SHOWN_MAX) this.first.push(error);
  }

  rejection(): Rejection | null {
    return this.none ? null : { total: this.total, problems: this.first };
  }
}

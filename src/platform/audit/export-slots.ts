import type { Writable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { domainError } from '../../kernel/errors';
import type { TenantId } from '../../kernel/ids';

/** Of one process. Each holds its file in memory until the last byte was taken. */
export const EXPORTS_MAX = 3;
/** A reader that needs longer for the whole file would block a slot: its connection is closed. */
export const READING_MAX_MS = 5 * 60_000;

export class ExportsBusy extends domainError(
  'exports_busy',
  'unavailable',
  `One export of a tenant is made and read at a time, and ${EXPORTS_MAX} of all tenants. Wait until one has ended.`,
) {}

/** Never sent: the connection is closed. */
class ReaderGone extends domainError('reader_gone', 'unavailable', 'The client closed the connection.') {}

/** How many exports there are at once, from the first query until the file has left or its reader has. */
@Injectable()
export class ExportSlots {
  private readonly taken = new Set<TenantId>();

  /**
   * `reader`: the answer and its connection, of which the one does not end when it waits behind another answer and the other goes.
   * `assertWanted` throws once the reader has hung up: until it is called the place is taken, or hanging up would be a way to have many. @throws ExportsBusy
   */
  async make(
    tenant: TenantId,
    reader: readonly Writable[],
    work: (assertWanted: () => void) => Promise<string>,
  ): Promise<string> {
    if (this.taken.has(tenant) || this.taken.size >= EXPORTS_MAX) throw new ExportsBusy();
    this.taken.add(tenant);
    const assertWanted = (): void => {
      if (reader.some(({ destroyed }) => destroyed)) throw new ReaderGone();
    };
    try {
      const file = await work(assertWanted);
      assertWanted();
      this.giveBackAfter(reader, tenant);
      return file;
    } catch (error) {
      this.taken.delete(tenant);
      throw error;
    }
  }

  private giveBackAfter(reader: readonly Writable[], tenant: TenantId): void {
    const giveBack = (): void => {
      clearTimeout(late);
      reader.forEach((part) => part.off('close', giveBack));
      this.taken.delete(tenant);
    };
    const late = setTimeout(() => {
      reader.forEach((part) => part.destroy());
      giveBack();
    }, READING_MAX_MS).unref();
    reader.forEach((part) => part.once('close', giveBack));
  }
}

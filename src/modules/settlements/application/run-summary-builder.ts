import { DomainError } from '../../../kernel/errors';
import type { RunSummary } from '../../../platform/schedule';

/** Counts what a job run did, and how many items it skipped for which reason. */
export class RunSummaryBuilder {
  done = 0;
  failed = 0;
  private readonly skips = new Map<string, number>();

  constructor(private readonly found: number) {}

  /** Returns the code of a domain error. Everything else is `internal_error`; its details are in the log. */
  static reasonOf(error: unknown): string {
    return error instanceof DomainError ? error.code : 'internal_error';
  }

  skip(reason: string): void {
    this.skips.set(reason, (this.skips.get(reason) ?? 0) + 1);
  }

  build(): RunSummary {
    return {
      found: this.found,
      done: this.done,
      failed: this.failed,
      skipped: [...this.skips].map(([reason, count]) => ({ reason, count })),
    };
  }
}

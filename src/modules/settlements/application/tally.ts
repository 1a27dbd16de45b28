import { DomainError } from '../../../kernel/errors';
import type { RunSummary } from '../../../platform/schedule';

/** Counts what a run did; every skip has a name. */
export class Tally {
  done = 0;
  failed = 0;
  private readonly skips = new Map<string, number>();

  constructor(private readonly found: number) {}

  /** A code for people: what is not ours to explain is an internal error, and the log has the rest. */
  static reasonOf(error: unknown): string {
    return error instanceof DomainError ? error.code : 'internal_error';
  }

  skip(reason: string): void {
    this.skips.set(reason, (this.skips.get(reason) ?? 0) + 1);
  }

  summary(): RunSummary {
    return {
      found: this.found,
      done: this.done,
      failed: this.failed,
      skipped: [...this.skips].map(([reason, count]) => ({ reason, count })),
    };
  }
}

import { Log, type LogFields } from '../../../src/platform/logging';

export interface Line extends LogFields {
  readonly level: string;
  readonly event: string;
}

/** Keeps its lines, so that a test can say what an operator must have been told. */
export class QuietLog extends Log {
  readonly lines: Line[] = [];

  debug(event: string, fields?: LogFields): void {
    this.lines.push({ ...fields, level: 'debug', event });
  }

  info(event: string, fields?: LogFields): void {
    this.lines.push({ ...fields, level: 'info', event });
  }

  warn(event: string, fields?: LogFields): void {
    this.lines.push({ ...fields, level: 'warn', event });
  }

  error(event: string, fields?: LogFields): void {
    this.lines.push({ ...fields, level: 'error', event });
  }

  said(event: string): Line[] {
    return this.lines.filter((line) => line.event === event);
  }
}

import { Log, type LogFields } from '../../../../src/platform/logging';

export interface Line {
  readonly event: string;
  readonly fields: LogFields;
}

/** Keeps what would have been logged. */
export class RecordingLog extends Log {
  readonly lines: Line[] = [];
  private waiting: { event: string; resolve: (line: Line) => void }[] = [];

  /** The next line of this event. */
  next(event: string): Promise<Line> {
    return new Promise((resolve) => this.waiting.push({ event, resolve }));
  }

  debug(event: string, fields: LogFields = {}): void {
    this.keep({ event, fields });
  }
  info(event: string, fields: LogFields = {}): void {
    this.keep({ event, fields });
  }
  warn(event: string, fields: LogFields = {}): void {
    this.keep({ event, fields });
  }
  error(event: string, fields: LogFields = {}): void {
    this.keep({ event, fields });
  }

  private keep(line: Line): void {
    this.lines.push(line);
    for (const { resolve } of this.waiting.filter(({ event }) => event === line.event)) resolve(line);
    this.waiting = this.waiting.filter(({ event }) => event !== line.event);
  }
}

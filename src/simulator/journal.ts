import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface JournalLine {
  readonly kind: string;
  readonly platform: string | null;
  readonly value: unknown;
}

/**
 * Cuts off a last line that was being written when the process died. A broken line anywhere else is an error.
 */
function readLines(file: number, text: string): JournalLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) ftruncateSync(file, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalLine);
}

/**
 * What the simulator must still know after a restart, one JSON object a line, the last one of an id counts.
 * Lines are gathered for one turn of the event loop and then written at once: a call costs no write of its
 * own, and a killed process loses no more than the calls of its last turn.
 */
export class Journal {
  private pending: string[] = [];
  private readonly file: number;
  readonly restored: readonly JournalLine[];

  constructor(path: string) {
    this.file = openSync(path, 'a+', 0o600);
    this.restored = readLines(this.file, readFileSync(path, 'utf8'));
  }

  append(kind: string, platform: string | null, value: unknown): void {
    if (this.pending.length === 0) setImmediate(() => this.flush());
    this.pending.push(JSON.stringify({ kind, platform, value } satisfies JournalLine));
  }

  flush(): void {
    if (this.pending.length === 0) return;
    const text = `${this.pending.join('\n')}\n`;
    this.pending = [];
    writeSync(this.file, text);
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}

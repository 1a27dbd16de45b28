import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface JournalLine {
  readonly kind: string;
  readonly platform: string | null;
  readonly value: unknown;
}

/**
 * Removes an incomplete last line, left by a process that was killed. Any other broken line is an error.
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
 * What survives a restart: one JSON object per line; the last one of an id counts. The lines of one tick of the
 * event loop are written at once, so that a call costs no write of its own, and a killed process loses only the
 * calls of its last tick.
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

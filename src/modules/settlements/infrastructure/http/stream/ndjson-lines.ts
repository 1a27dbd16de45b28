import type { RawLine } from '../../../application/award-line';

/** An award needs about 200 bytes. The limit protects the memory from an endless line. */
export const LINE_BYTES_MAX = 4_096;
const NEWLINE = 0x0a;

/** Splits bytes into lines and parses each as a JSON object. Yields the lines of each chunk, in order. */
export async function* ndjsonLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<RawLine[]> {
  const reader = new LineReader();
  for await (const chunk of bytes) {
    const lines = reader.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = reader.end();
  if (last) yield [last];
}

class LineReader {
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true });
  private pieces: Buffer[] = [];
  private pendingBytes = 0;
  private line = 0;

  push(chunk: Buffer): RawLine[] {
    const lines: RawLine[] = [];
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      this.append(chunk.subarray(from, to));
      const line = this.take();
      if (line) lines.push(line);
      from = to + 1;
    }
    this.append(chunk.subarray(from));
    return lines;
  }

  end(): RawLine | null {
    return this.pendingBytes > 0 ? this.take() : null;
  }

  /** For a line that is too long it counts the bytes only. */
  private append(piece: Buffer): void {
    this.pendingBytes += piece.length;
    if (this.pendingBytes > LINE_BYTES_MAX) this.pieces = [];
    else if (piece.length > 0) this.pieces.push(piece);
  }

  /** Null for an empty line. */
  private take(): RawLine | null {
    const [pieces, length] = [this.pieces, this.pendingBytes];
    this.pieces = [];
    this.pendingBytes = 0;
    const line = ++this.line;
    if (length > LINE_BYTES_MAX) return { line, problem: `the line is longer than ${LINE_BYTES_MAX} bytes` };
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    return this.parse(line, bytes);
  }

  private parse(line: number, bytes: Buffer): RawLine | null {
    try {
      const text = this.utf8.decode(bytes).trim();
      if (text === '') return null;
      const fields: unknown = JSON.parse(text);
      if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
        return { line, fields: fields as Record<string, unknown> };
      return { line, problem: 'the line is not a JSON object' };
    } catch {
      return { line, problem: 'the line is not valid JSON' };
    }
  }
}

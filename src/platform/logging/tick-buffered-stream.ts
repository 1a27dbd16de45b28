import type { DestinationStream } from 'pino';
import { type Level, levels, symbols } from 'pino';

const AT_ONCE = levels.values['warn' satisfies Level] as number;

/**
 * What is said in one turn of the event loop goes out in one piece when it is over: a piece costs a call of
 * the system, as much as the rest of a line. Warnings go out at once, with what was said before them, and
 * nothing is left behind by a process that exits; one that is killed loses the lines of its last turn.
 */
export class TickBufferedStream implements DestinationStream {
  /** Makes pino pass the level of each line before it. */
  readonly [symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  private said = '';

  constructor(private readonly out: { write(text: string): unknown }) {
    process.on('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.said === '') setImmediate(() => this.flush());
    this.said += line;
    if (this.lastLevel >= AT_ONCE) this.flush();
  }

  private flush(): void {
    const { said } = this;
    this.said = '';
    if (said !== '') this.out.write(said);
  }
}

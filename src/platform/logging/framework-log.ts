import { Injectable, type LoggerService } from '@nestjs/common';
import { Log, type LogFields } from './log';

/** Nest's own report of an error that main prints, too. */
const TOLD_ELSEWHERE = 'ExceptionHandler';

/**
 * What the framework says, as lines of ours. What it does at every start (a line for each module and route)
 * is for those who look for it; our own lines that come this way keep their level.
 */
@Injectable()
export class FrameworkLog implements LoggerService {
  constructor(private readonly lines: Log) {}

  log(message: unknown, ...more: unknown[]): void {
    this.lines[isOurs(message) ? 'info' : 'debug'](...lineOf(message, more));
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.lines.warn(...lineOf(message, more));
  }

  error(message: unknown, ...more: unknown[]): void {
    if (more.at(-1) !== TOLD_ELSEWHERE) this.lines.error(...lineOf(message, more));
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.lines.error(...lineOf(message, more));
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.lines.debug(...lineOf(message, more));
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.lines.debug(...lineOf(message, more));
  }
}

function isOurs(message: unknown): boolean {
  return typeof (message as { msg?: unknown } | null)?.msg === 'string';
}

/**
 * Nest hands over (message, stack?, context); `{ msg, … }` is one of our own lines that was written through
 * its logger.
 */
function lineOf(message: unknown, more: unknown[]): [event: string, fields: LogFields] {
  const texts = more.filter((part): part is string => typeof part === 'string');
  const [context, stack] = [texts.at(-1), texts.length > 1 ? texts[0] : undefined];
  if (message instanceof Error) return ['framework.message', { context, error: message }];
  if (typeof message === 'object' && message !== null) {
    const { msg, ...fields } = message as Record<string, unknown>;
    return [typeof msg === 'string' ? msg : 'framework.message', { context, ...fields }];
  }
  return ['framework.message', { context, message: String(message), stack }];
}

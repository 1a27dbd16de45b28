import { Injectable, type LoggerService } from '@nestjs/common';
import { Log, type LogFields } from './log';

/** What the framework says, as lines of ours. Pass it to `app.useLogger`. */
@Injectable()
export class FrameworkLog implements LoggerService {
  constructor(private readonly lines: Log) {}

  log(message: unknown, ...more: unknown[]): void {
    this.lines.info(...lineOf(message, more));
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.lines.warn(...lineOf(message, more));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.lines.error(...lineOf(message, more));
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

/** Nest hands over (message, stack?, context); `{ msg, … }` is one of our own lines that was written through its logger. */
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

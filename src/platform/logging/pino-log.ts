import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../config';
import { Log, type LogFields } from './log';
import { TickBufferedStream } from './tick-buffered-stream';
import { loggable } from './loggable';

/**
 * JSON lines on stdout. Each piece is written before anything else goes on: the last lines before a crash are
 * those that are needed.
 */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = new TickBufferedStream(pino.destination({ dest: 1, sync: true })),
): Logger {
  const options = {
    level,
    messageKey: 'event',
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}

export class PinoLog extends Log {
  constructor(private readonly logger: Logger) {
    super();
  }

  debug(event: string, fields?: LogFields): void {
    this.write('debug', event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.write('info', event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.write('warn', event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.write('error', event, fields);
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error', event: string, fields: LogFields = {}): void {
    if (this.logger.isLevelEnabled(level)) this.logger[level](loggable(fields), event);
  }
}

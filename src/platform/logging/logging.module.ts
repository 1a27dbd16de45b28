import { Global, Module } from '@nestjs/common';
import { Environment } from '../config';
import { FrameworkLog } from './framework-log';
import { Log } from './log';
import { createLogger, PinoLog } from './pino-log';

@Global()
@Module({
  providers: [
    {
      provide: Log,
      useFactory: (e: Environment) => new PinoLog(createLogger(e.logLevel)),
      inject: [Environment],
    },
    FrameworkLog,
  ],
  exports: [Log, FrameworkLog],
})
export class LoggingModule {}

export * from './framework-log';
export * from './log';
export * from './logging.module';
export * from './pino-log';
export { scrubbed } from './scrub';

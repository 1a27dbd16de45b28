export * from './queue.module';
export * from './wake-ups';

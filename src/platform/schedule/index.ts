export * from './errors';
export * from './schedule';
export * from './schedule.module';

export * from './metrics';
export * from './metrics.module';
export type { Counter, Gauge, Histogram } from 'prom-client';

export { Health, type HealthReport, type HealthStatus } from './health';
export { HealthModule, type HealthOptions } from './health.module';
export { RedisProbe, type PartStatus } from './probes';
export { Readiness } from './readiness';

export { networkOf } from './network-of';
export { RateLimitModule } from './rate-limit.module';
export { RequestLimits } from './request-limits';

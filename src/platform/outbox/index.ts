export * from './outbox';
export * from './outbox.module';
export { OutboxCare, type OutboxState } from './outbox-care';
export * from './parked-events';

export * from './outbox';
export * from './outbox.module';
export { OutboxMaintenance, type OutboxState } from './outbox-maintenance';
export * from './parked-events';

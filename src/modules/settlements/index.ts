export * from './contract';
export { type SettlementFacts } from './application/settlement-facts';
export { SETTLEMENTS_QUEUE } from './application/wake-up-key';
export { RecordSettlement } from './application/record-settlement';
export { SettlementDiagnostics, type AwaitingApproval } from './application/settlement-diagnostics.query';
export { SettlementsModule } from './settlements.module';
export { settlements } from './settlements.definition';

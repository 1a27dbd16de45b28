export * from './contract';
export { type RetryCommand } from './application/retry-transfer';
export { type TransferRow } from './application/list-transfers.query';
export { type StuckTransfer, TransferDiagnostics } from './application/transfer-diagnostics.query';
export { TRANSFERS_QUEUE } from './application/transfer-wake-ups';
export { Transfers } from './application/transfers.facade';
export { TransferDto, transferDto } from './infrastructure/http/dto/transfer.dto';
export { TransfersModule } from './transfers.module';
export { transfers } from './transfers.definition';

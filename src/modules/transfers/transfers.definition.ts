import { defineModule } from '../../platform/module';
import { TRANSFERS_QUEUE } from './application/transfer-wake-ups';
import {
  TransferCancelled,
  TransferCompleted,
  TransferFailed,
  TransferReopened,
  TransferReversed,
} from './contract';
import { Transfers1764000060000 } from './infrastructure/persistence/migrations/1764000060000-transfers';
import { TransfersModule } from './transfers.module';

export const transfers = defineModule({
  name: 'transfers',
  nestModules: [TransfersModule],
  migrations: [Transfers1764000060000],
  queues: [TRANSFERS_QUEUE],
  scopes: {
    'transfers:read': ['operator', 'analyst', 'read_only'],
    'transfers:operate': ['operator'],
  },
  events: [TransferCompleted, TransferFailed, TransferCancelled, TransferReversed, TransferReopened],
  auditedRoutes: {
    'POST /transfers/{id}/mark-paid': ['transfer.marked_paid'],
    'POST /transfers/{id}/mark-failed': ['transfer.marked_failed'],
    'POST /transfers/{id}/retry': ['transfer.retried'],
    'POST /transfers/{id}/cancel': [TransferCancelled.name],
  },
});

import { defineModule } from '../../platform/module';
import { SETTLEMENTS_QUEUE } from './application/wake-up-key';
import {
  PayoutJobCompleted,
  SettlementApproved,
  SettlementCancelled,
  SettlementRecorded,
  SettlementRejected,
  SettlementScheduled,
} from './contract';
import { Settlements1764000070000 } from './infrastructure/persistence/migrations/1764000070000-settlements';
import { PayoutJobRow } from './infrastructure/persistence/payout-job.row';
import { SettlementRow } from './infrastructure/persistence/settlement.row';
import { SettlementsModule } from './settlements.module';

export const settlements = defineModule({
  name: 'settlements',
  nestModules: [SettlementsModule],
  migrations: [Settlements1764000070000],
  rows: [SettlementRow, PayoutJobRow],
  queues: [SETTLEMENTS_QUEUE],
  scopes: {
    'settlements:read': ['operator', 'analyst', 'read_only'],
    'settlements:write': ['operator'],
    'settlements:approve': ['operator'],
    'payout_jobs:read': ['operator', 'analyst', 'read_only'],
    'payout_jobs:operate': ['operator'],
  },
  events: [
    SettlementRecorded,
    SettlementApproved,
    SettlementRejected,
    SettlementCancelled,
    SettlementScheduled,
    PayoutJobCompleted,
  ],
  auditedRoutes: {
    'POST /settlements': [SettlementRecorded.name],
    'POST /settlements/{id}/cancel': [SettlementCancelled.name],
    'POST /settlements/{id}/approve': [SettlementApproved.name],
    'POST /settlements/stream': ['settlement.received'],
    'POST /payout-jobs/{id}/retry': ['payout_job.retried', 'transfer.retried'],
  },
  unauditedRoutes: {
    'POST /settlements/preview': 'writes nothing',
  },
});

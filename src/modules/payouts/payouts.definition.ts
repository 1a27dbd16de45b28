import { defineModule } from '../../platform/module';
import { PayoutCreated, PayoutStatusChanged } from './contract';
import { Payouts1764000080000 } from './infrastructure/persistence/migrations/1764000080000-payouts';
import { PayoutsModule } from './payouts.module';

export const payouts = defineModule({
  name: 'payouts',
  nestModules: [PayoutsModule],
  migrations: [Payouts1764000080000],
  scopes: {
    'payouts:read': ['operator', 'analyst', 'read_only'],
    'payouts:write': ['operator'],
    'payouts:operate': ['operator'],
  },
  events: [PayoutCreated, PayoutStatusChanged],
  auditedRoutes: {
    'POST /payouts': [PayoutCreated.name],
    'PATCH /payouts/{id}': ['transfer.marked_failed', PayoutStatusChanged.name],
    'POST /payouts/batch': [PayoutCreated.name],
    'DELETE /payouts/{id}': [PayoutStatusChanged.name],
    'POST /payouts/{id}/cancel': [PayoutStatusChanged.name],
  },
});

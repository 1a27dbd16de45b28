import { defineModule } from '../../platform/module';
import { ConnectionsModule } from './connections.module';
import { FundsArrived, ProviderEventAccount, ProviderEventFunds, ProviderEventTransfer } from './contract';
import { Connections1764000040000 } from './infrastructure/persistence/migrations/1764000040000-connections';

export const connections = defineModule({
  name: 'connections',
  nestModules: [ConnectionsModule],
  migrations: [Connections1764000040000],
  scopes: {
    'connections:read': ['operator', 'analyst'],
    'connections:write': [],
  },
  events: [ProviderEventTransfer, ProviderEventAccount, ProviderEventFunds, FundsArrived],
  auditedRoutes: {
    'PUT /connections/stripe': ['rail_account.connected'],
    'POST /connections/webhook-endpoints': ['webhook_endpoint.opened'],
    'PUT /connections/webhook-endpoints/{id}/secret': ['webhook_endpoint.secret_rotated'],
    'DELETE /connections/webhook-endpoints/{id}/previous-secret': [
      'webhook_endpoint.previous_secret_dropped',
    ],
    'POST /operations/rail-accounts/{id}/pause': ['rail_account.paused'],
    'POST /operations/rail-accounts/{id}/resume': ['rail_account.resumed'],
    'POST /operations/funding-facts': ['funding_fact.recorded'],
  },
  unauditedRoutes: {
    'POST /webhooks/stripe/{endpoint_id}': 'the provider reports; no user or key decided anything',
  },
});

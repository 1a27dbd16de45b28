import { defineModule } from '../../platform/module';
import { RecipientBlocked, RecipientPayable } from './contract';
import { Recipients1764000050000 } from './infrastructure/persistence/migrations/1764000050000-recipients';
import { RecipientRow } from './infrastructure/persistence/recipient.row';
import { RecipientsModule } from './recipients.module';

export const recipients = defineModule({
  name: 'recipients',
  nestModules: [RecipientsModule],
  migrations: [Recipients1764000050000],
  rows: [RecipientRow],
  scopes: {
    'recipients:read': ['operator', 'analyst', 'read_only'],
    'recipients:write': ['operator'],
  },
  events: [RecipientPayable, RecipientBlocked],
  auditedRoutes: {
    'POST /recipients': ['recipient.registered'],
    'PATCH /recipients/{id}': ['recipient.changed'],
    'POST /recipients/{id}/connected-account': ['recipient.account_connected'],
    'PUT /recipients/{id}/payment-methods/default': ['recipient.payment_method_chosen'],
    'POST /recipients/{id}/connect/onboarding': ['recipient.onboarding_started'],
  },
});

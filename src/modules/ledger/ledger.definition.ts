import { defineModule } from '../../platform/module';
import { Ledger1764000030000 } from './infrastructure/persistence/migrations/1764000030000-ledger';
import { LedgerModule } from './ledger.module';

export const ledger = defineModule({
  name: 'ledger',
  nestModules: [LedgerModule],
  migrations: [Ledger1764000030000],
  scopes: {
    'ledger:read': ['operator', 'analyst'],
  },
});

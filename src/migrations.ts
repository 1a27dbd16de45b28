import type { SqlMigration } from './platform/database';
import { Connections1764000040000 } from './modules/connections/infrastructure/persistence/migrations/1764000040000-connections';
import { Identity1764000020000 } from './modules/identity/infrastructure/persistence/migrations/1764000020000-identity';
import { Ledger1764000030000 } from './modules/ledger/infrastructure/persistence/migrations/1764000030000-ledger';
import { Payouts1764000080000 } from './modules/payouts/infrastructure/persistence/migrations/1764000080000-payouts';
import { Recipients1764000050000 } from './modules/recipients/infrastructure/persistence/migrations/1764000050000-recipients';
import { Settlements1764000070000 } from './modules/settlements/infrastructure/persistence/migrations/1764000070000-settlements';
import { Tenancy1764000010000 } from './modules/tenancy/infrastructure/persistence/migrations/1764000010000-tenancy';
import { Transfers1764000060000 } from './modules/transfers/infrastructure/persistence/migrations/1764000060000-transfers';
import { Audit1764000004000 } from './platform/audit/migrations/1764000004000-audit';
import { Database1764000000000 } from './platform/database/migrations/1764000000000-database';
import { Idempotency1764000001000 } from './platform/idempotency/migrations/1764000001000-idempotency';
import { Outbox1764000002000 } from './platform/outbox/migrations/1764000002000-outbox';
import { Schedule1764000003000 } from './platform/schedule/migrations/1764000003000-schedule';

/**
 * Every module's migrations, in the order in which they run. Part of the composition root, beside
 * app.module.ts.
 */
export const migrations: (new () => SqlMigration)[] = [
  Database1764000000000,
  Idempotency1764000001000,
  Outbox1764000002000,
  Schedule1764000003000,
  Audit1764000004000,
  Tenancy1764000010000,
  Identity1764000020000,
  Ledger1764000030000,
  Connections1764000040000,
  Recipients1764000050000,
  Transfers1764000060000,
  Settlements1764000070000,
  Payouts1764000080000,
];

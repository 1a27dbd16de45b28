import { Audit1764000004000 } from './audit/migrations/1764000004000-audit';
import { Database1764000000000 } from './database/migrations/1764000000000-database';
import { Idempotency1764000001000 } from './idempotency/migrations/1764000001000-idempotency';
import { defineModule } from './module';
import { Outbox1764000002000 } from './outbox/migrations/1764000002000-outbox';
import { Schedule1764000003000 } from './schedule/migrations/1764000003000-schedule';

/** The platform's part of the program. Its Nest modules take the environment: app.module.ts lists them. */
export const platform = defineModule({
  name: 'platform',
  migrations: [
    Database1764000000000,
    Idempotency1764000001000,
    Outbox1764000002000,
    Schedule1764000003000,
    Audit1764000004000,
  ],
  scopes: { 'audit:read': [] },
});

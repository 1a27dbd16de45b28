import { APP, SqlMigration } from '../../../../../platform/database';

/** How a recipient is paid when the payment does not say: null until somebody chooses. */
export class PaymentMethods1763740010000 extends SqlMigration {
  readonly name = 'PaymentMethods1763740010000';

  statements(): string[] {
    return [
      `ALTER TABLE recipients.recipients ADD COLUMN default_payment_method text
         CHECK (default_payment_method IN ('manual_bank_transfer', 'stripe_connected_account'))`,
      `GRANT UPDATE (default_payment_method) ON recipients.recipients TO ${APP}`,
    ];
  }
}

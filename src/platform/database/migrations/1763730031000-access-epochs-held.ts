import { SqlMigration } from '../migration';

/** A tenant whose access nobody changed yet has epoch 0; a row that says so can be locked. */
export class AccessEpochsHeld1763730031000 extends SqlMigration {
  readonly name = 'AccessEpochsHeld1763730031000';

  statements(): string[] {
    return [
      `ALTER TABLE platform.access_epochs DROP CONSTRAINT access_epochs_epoch_check, ADD CHECK (epoch >= 0)`,
    ];
  }
}

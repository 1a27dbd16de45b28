import { APP, SqlMigration } from '../../../../../platform/database';

/** The money of a transfer that gave it back was taken back by its origin, too: what lies at the payable account now belongs to others. */
export class OriginEnded1763760000000 extends SqlMigration {
  readonly name = 'OriginEnded1763760000000';

  statements(): string[] {
    return [
      `ALTER TABLE transfers.transfers ADD COLUMN origin_ended boolean NOT NULL DEFAULT false`,
      `GRANT UPDATE (origin_ended) ON transfers.transfers TO ${APP}`,
    ];
  }
}

import { APP, SqlMigration } from '../../../../../platform/database';

/** Two arrays side by side, not JSON: money stays bigint, and the settings stay one row that one statement reads. */
export class ApprovalLimits1763720030000 extends SqlMigration {
  readonly name = 'ApprovalLimits1763720030000';

  statements(): string[] {
    return [
      `ALTER TABLE tenancy.settings
         ADD approval_currencies  text[]   NOT NULL DEFAULT '{}',
         ADD approval_above_minor bigint[] NOT NULL DEFAULT '{}',
         ADD CHECK (cardinality(approval_currencies) = cardinality(approval_above_minor)),
         ADD CHECK (approval_currencies <@ allowed_currencies),
         ADD CHECK (0 <= ALL (approval_above_minor) AND array_position(approval_above_minor, NULL) IS NULL)`,
      `GRANT UPDATE (approval_currencies, approval_above_minor) ON tenancy.settings TO ${APP}`,
    ];
  }
}

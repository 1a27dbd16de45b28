import { SqlMigration, SYSTEM } from '../../../../../platform/database';

/**
 * Which tenant asked for a token, and what its person was there: a token is worth no more than whoever asked for it. Resets live
 * an hour and are asked for again; invitations that stand are taken as their tenant's, never as the installation's own.
 */
export class AskedBy1763730040000 extends SqlMigration {
  readonly name = 'AskedBy1763730040000';

  statements(): string[] {
    return [
      `DELETE FROM identity.one_time_tokens WHERE purpose = 'password_reset'`,
      `ALTER TABLE identity.one_time_tokens ADD asked_by uuid, ADD asked_of text`,
      `UPDATE identity.one_time_tokens SET asked_by = invited_to`,
      `ALTER TABLE identity.one_time_tokens
         ADD CONSTRAINT one_time_tokens_reset_is_asked_for CHECK (purpose <> 'password_reset' OR (asked_by IS NOT NULL AND asked_of IS NOT NULL))`,
      `GRANT SELECT (asked_by, asked_of), INSERT (asked_by, asked_of), UPDATE (asked_by, asked_of) ON identity.one_time_tokens TO ${SYSTEM}`,
      `GRANT UPDATE (name) ON identity.users TO ${SYSTEM}`,
    ];
  }
}

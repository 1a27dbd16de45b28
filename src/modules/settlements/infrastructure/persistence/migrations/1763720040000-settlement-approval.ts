import { APP, SqlMigration, SYSTEM } from '../../../../../platform/database';

const STATES = [
  'checking',
  'recording',
  'awaiting_approval',
  'recorded',
  'rejected',
  'cancelling',
  'cancelled',
  'expanding',
  'expanded',
];
const APPROVAL = ['approved_by', 'approved_behind', 'approved_at', 'approved_hash'];

/**
 * Above the tenant's limit a settlement is paid only with the approval of somebody else. What the aggregate says stands here
 * again, because one UPDATE by hand or by mistake would otherwise release the money.
 */
export class SettlementApproval1763720040000 extends SqlMigration {
  readonly name = 'SettlementApproval1763720040000';

  statements(): string[] {
    return [...columns(), ...invariants(), ...frozen(), ...access()];
  }
}

function columns(): string[] {
  return [
    // The default is for a program of before this migration that still runs: what it makes has no known maker.
    `ALTER TABLE settlements.settlements
       ADD made_behind uuid[] NOT NULL DEFAULT '{}',
       ADD approval_above bigint CHECK (approval_above >= 0),
       ADD approved_by text, ADD approved_behind uuid[], ADD approved_at timestamptz, ADD approved_hash text`,
    `UPDATE settlements.settlements SET made_behind = ARRAY[split_part(created_by, ':', 2)::uuid]
      WHERE created_by ~ '^[a-z_]+:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'`,
  ];
}

/** NULL is no refusal to a CHECK: each of these says what an unknown value means. */
function invariants(): string[] {
  const above = 'COALESCE(awards_minor > approval_above, false)';
  return [
    `ALTER TABLE settlements.settlements
       DROP CONSTRAINT settlements_state_check,
       ADD CONSTRAINT settlements_state_check CHECK (state IN (${STATES.map((state) => `'${state}'`).join(', ')})),
       ADD CONSTRAINT settlements_awaiting CHECK (state <> 'awaiting_approval' OR (${above} AND approved_at IS NULL)),
       ADD CONSTRAINT settlements_approved CHECK (state NOT IN ('recorded', 'expanding', 'expanded') OR NOT ${above} OR COALESCE(approved_hash = result_hash, false)),
       ADD CONSTRAINT settlements_approval_whole CHECK (num_nulls(${APPROVAL.join(', ')}) IN (0, ${APPROVAL.length})),
       ADD CONSTRAINT settlements_four_eyes CHECK (approved_behind IS NULL OR (cardinality(made_behind) > 0 AND cardinality(approved_behind) > 0 AND NOT made_behind && approved_behind))`,
  ];
}

/** After the checks of the row, so that those speak first. The limit may be set with the contents of a stream, once. */
function frozen(): string[] {
  const recorded = ['approval_above', 'awards_minor', 'remainder_minor', 'award_count', 'result_hash'];
  const row = (of: 'OLD' | 'NEW', names: readonly string[]) =>
    `(${names.map((name) => `${of}.${name}`).join(', ')})`;
  const differ = (names: readonly string[]) => `${row('OLD', names)} IS DISTINCT FROM ${row('NEW', names)}`;
  return [
    `CREATE FUNCTION settlements.refuse_other_content() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
     BEGIN
       RAISE EXCEPTION 'what settlement % was recorded and approved with does not change', OLD.id USING ERRCODE = '23514', CONSTRAINT = TG_NAME;
     END $$`,
    `CREATE TRIGGER settlements_recorded_content AFTER UPDATE ON settlements.settlements FOR EACH ROW
       WHEN (OLD.state <> 'checking' AND ${differ(recorded)}) EXECUTE FUNCTION settlements.refuse_other_content()`,
    // Given while it waits, never before and never again.
    `CREATE TRIGGER settlements_one_approval AFTER UPDATE ON settlements.settlements FOR EACH ROW
       WHEN (OLD.state <> 'awaiting_approval' AND ${differ(APPROVAL)}) EXECUTE FUNCTION settlements.refuse_other_content()`,
  ];
}

function access(): string[] {
  return [
    `GRANT UPDATE (approval_above, ${APPROVAL.join(', ')}) ON settlements.settlements TO ${APP}`,
    `GRANT SELECT (recorded_at) ON settlements.settlements TO ${SYSTEM}`,
    `CREATE INDEX settlements_awaiting_approval ON settlements.settlements (tenant_id, recorded_at, id) WHERE state = 'awaiting_approval'`,
  ];
}

import type { TransferSnapshot } from '../../domain/transfer-snapshot';

interface Column {
  readonly name: string;
  /** PostgreSQL type of one value, as unnest() wants it. */
  readonly type: 'uuid' | 'text' | 'int' | 'bigint' | 'boolean' | 'timestamptz' | 'jsonb';
  /** Written again when a transfer changes; the others stay as they were inserted. */
  readonly changes: boolean;
}

const fixed = (name: string, type: Column['type']): Column => ({ name, type, changes: false });
const live = (name: string, type: Column['type']): Column => ({ name, type, changes: true });

/** One column for each field of the snapshot: a field that is missing here does not compile. */
const COLUMNS: Record<keyof TransferSnapshot, Column> = {
  tenantId: fixed('tenant_id', 'uuid'),
  id: fixed('id', 'uuid'),
  rail: fixed('rail', 'text'),
  railAccountId: fixed('rail_account_id', 'uuid'),
  recipientId: fixed('recipient_id', 'uuid'),
  purpose: fixed('purpose', 'text'),
  originKind: fixed('origin_kind', 'text'),
  originId: fixed('origin_id', 'uuid'),
  originSeq: fixed('origin_seq', 'int'),
  jobId: fixed('job_id', 'uuid'),
  settlementId: fixed('settlement_id', 'uuid'),
  amountMinor: fixed('amount_minor', 'bigint'),
  currency: fixed('currency', 'text'),
  amountReversedMinor: live('amount_reversed_minor', 'bigint'),
  state: live('state', 'text'),
  reason: live('reason', 'text'),
  providerCode: live('provider_code', 'text'),
  opening: live('opening', 'int'),
  generation: live('generation', 'int'),
  generationsEnded: live('generations_ended', 'int'),
  maxAttempts: fixed('max_attempts', 'int'),
  attempts: live('attempts', 'int'),
  frozen: live('frozen', 'jsonb'),
  firstSentAt: live('first_sent_at', 'timestamptz'),
  lastSentAt: live('last_sent_at', 'timestamptz'),
  ambiguous: live('ambiguous', 'boolean'),
  serverErrors: live('server_errors', 'int'),
  lookUpEmptyAt: live('look_up_empty_at', 'timestamptz'),
  callKind: live('call_kind', 'text'),
  dueAt: live('due_at', 'timestamptz'),
  leaseToken: live('lease_token', 'uuid'),
  leaseUntil: live('lease_until', 'timestamptz'),
  retrySince: live('retry_since', 'timestamptz'),
  backoffStep: live('backoff_step', 'int'),
  providerTransferId: live('provider_transfer_id', 'text'),
  balanceTransactionId: live('balance_transaction_id', 'text'),
  destinationPaymentId: live('destination_payment_id', 'text'),
  completedAt: live('completed_at', 'timestamptz'),
  createdAt: fixed('created_at', 'timestamptz'),
};

type Field = keyof TransferSnapshot;
const FIELDS = Object.keys(COLUMNS) as Field[];
const LIVE = FIELDS.filter((field) => COLUMNS[field].changes);

/** `t.tenant_id AS "tenantId", …`: a row arrives as a snapshot. */
export const SNAPSHOT_LIST = FIELDS.map((field) => `t.${COLUMNS[field].name} AS "${field}"`).join(', ');

const KEYED: Field[] = ['id', ...LIVE];

/** Writes the changing columns of many transfers in one statement. */
export const UPDATE_CHANGED = `
  UPDATE transfers.transfers t
     SET ${LIVE.map((field) => `${COLUMNS[field].name} = n.${COLUMNS[field].name}`).join(', ')}, updated_at = now()
    FROM unnest(${KEYED.map((field, i) => `$${i + 2}::${COLUMNS[field].type}[]`).join(', ')})
      AS n(${KEYED.map((field) => COLUMNS[field].name).join(', ')})
   WHERE t.tenant_id = $1 AND t.id = n.id`;

/** One array a column, in the order of UPDATE_CHANGED. */
export function changedValues(snapshots: readonly TransferSnapshot[]): unknown[] {
  return KEYED.map((field) => snapshots.map((snapshot) => wire(snapshot[field], COLUMNS[field].type)));
}

/** node-postgres would write an object inside an array as text of its own making. */
function wire(value: unknown, type: Column['type']): unknown {
  return type === 'jsonb' && value !== null ? JSON.stringify(value) : value;
}

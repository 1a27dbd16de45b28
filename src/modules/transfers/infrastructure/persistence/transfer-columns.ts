import type { Sql } from '../../../../platform/database';
import type { Transfer } from '../../domain/transfer';
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
  originEnded: fixed('origin_ended', 'boolean'),
};

type Field = keyof TransferSnapshot;
const FIELDS = Object.keys(COLUMNS) as Field[];
const LIVE = FIELDS.filter((field) => COLUMNS[field].changes);

/** `t.tenant_id AS "tenantId", …`: a row arrives as a snapshot. */
export const SNAPSHOT_LIST = FIELDS.map((field) => `t.${COLUMNS[field].name} AS "${field}"`).join(', ');

/** Fields that are written together, and the statement that does it. */
interface Shape {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly text: string;
}

/**
 * A claim and a payment, which every transfer goes through, and whatever else there is. The narrowest comes
 * first.
 */
const SHAPES: readonly Shape[] = [
  shape('claimed', [
    'state',
    'generation',
    'attempts',
    'frozen',
    'firstSentAt',
    'lastSentAt',
    'callKind',
    'dueAt',
    'leaseToken',
    'leaseUntil',
  ]),
  shape('completed', [
    'state',
    'reason',
    'callKind',
    'dueAt',
    'leaseToken',
    'leaseUntil',
    'providerTransferId',
    'balanceTransactionId',
    'destinationPaymentId',
    'completedAt',
  ]),
  shape('changed', LIVE),
];

function shape(what: string, live: readonly Field[]): Shape {
  const fields: readonly Field[] = ['id', ...live];
  const text = `
    UPDATE transfers.transfers t
       SET ${live.map((field) => `${COLUMNS[field].name} = n.${COLUMNS[field].name}`).join(', ')},
         updated_at = now()
      FROM unnest(${fields.map((field, i) => `$${i + 2}::${COLUMNS[field].type}[]`).join(', ')})
        AS n(${fields.map((field) => COLUMNS[field].name).join(', ')})
     WHERE t.tenant_id = $1 AND t.id = n.id`;
  return { name: `update_${what}_transfers`, fields, text };
}

/**
 * Writes many locked transfers in one statement: the narrowest that has a place for all that is new in them.
 */
export function updateTransfers(tenantId: string, transfers: readonly Transfer[]): Sql<unknown> {
  const changed = new Set(transfers.flatMap((transfer) => transfer.changedFields()));
  const { name, fields, text } = SHAPES.find((one) =>
    [...changed].every((field) => one.fields.includes(field)),
  ) as Shape;
  const snapshots = transfers.map((transfer) => transfer.snapshot());
  return {
    name,
    text,
    values: [
      tenantId,
      ...fields.map((field) => snapshots.map((snapshot) => wire(snapshot[field], COLUMNS[field].type))),
    ],
  };
}

/** node-postgres would write an object inside an array as text of its own making. */
function wire(value: unknown, type: Column['type']): unknown {
  return type === 'jsonb' && value !== null ? JSON.stringify(value) : value;
}

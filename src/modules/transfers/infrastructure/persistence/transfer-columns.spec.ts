import { CREATED_AT, pendingTransfer } from '../../../../../test/support/transfer-snapshot';
import type { TransferPolicy } from '../../domain/policy';
import { Transfer } from '../../domain/transfer';
import type { TransferSnapshot } from '../../domain/transfer-snapshot';
import { updateTransfers } from './transfer-columns';

const MINUTE = 60_000;
const policy: TransferPolicy = {
  safeWindowMs: 720 * MINUTE,
  quarantineMs: 10 * MINUTE,
  retryForMs: 4_320 * MINUTE,
  leaseMs: 75_000,
  callDeadlineMs: 30_000,
};
const now = CREATED_AT;
const moment = { now, jitter: 0, actor: 'worker' };

function transfer(over: Partial<TransferSnapshot> = {}): Transfer {
  return Transfer.rehydrate(pendingTransfer(over));
}

function claimed(over: Partial<TransferSnapshot> = {}): Transfer {
  const one = transfer(over);
  one.claim({ ...moment, leaseToken: 'lease', destination: 'acct_1', apiVersion: 'v' }, policy);
  return one;
}

const processing = {
  state: 'processing',
  callKind: 'send',
  leaseToken: 'lease',
  leaseUntil: now,
  attempts: 1,
  generation: 1,
  firstSentAt: now,
  lastSentAt: now,
} as const;

function completed(over: Partial<TransferSnapshot> = {}): Transfer {
  const one = transfer({ ...processing, ...over });
  one.complete(
    {
      id: 'tr_1',
      amountMinor: 100n,
      currency: 'USD',
      destination: 'acct_1',
      transferId: 't1',
      balanceTransactionId: null,
      destinationPaymentId: null,
    },
    moment,
  );
  return one;
}

const statementOf = (...transfers: Transfer[]) => updateTransfers('tenant', transfers).name;

describe('the statement that updates transfers', () => {
  it('has few columns for a first claim and for a payment', () => {
    expect(statementOf(claimed())).toBe('update_claimed_transfers');
    expect(statementOf(completed(), completed({ reason: 'stripe_timeout' }))).toBe(
      'update_completed_transfers',
    );
  });

  it('has a column for each changed field, also when one transfer of a batch changed more than the others', () => {
    expect(statementOf(claimed(), claimed(processing))).toBe('update_changed_transfers');
    expect(statementOf(completed(), completed({ ambiguous: true }))).toBe('update_changed_transfers');
    expect(statementOf(claimed(), completed())).toBe('update_changed_transfers');
  });
});

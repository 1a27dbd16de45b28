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
const now = new Date('2026-11-20T12:00:00Z');
const moment = { now, jitter: 0, actor: 'worker' };

function transfer(over: Partial<TransferSnapshot> = {}): Transfer {
  return Transfer.rehydrate({
    tenantId: 'tenant',
    id: 't1',
    rail: 'stripe',
    railAccountId: 'account',
    recipientId: 'ann',
    purpose: 'award',
    originKind: 'award',
    originId: 'award',
    originSeq: 1,
    jobId: 'job',
    settlementId: 'settlement',
    amountMinor: 100n,
    currency: 'USD',
    amountReversedMinor: 0n,
    state: 'pending',
    reason: null,
    providerCode: null,
    opening: 1,
    generation: 0,
    generationsEnded: 0,
    maxAttempts: 3,
    attempts: 0,
    frozen: null,
    firstSentAt: null,
    lastSentAt: null,
    ambiguous: false,
    serverErrors: 0,
    lookUpEmptyAt: null,
    callKind: null,
    dueAt: now,
    leaseToken: null,
    leaseUntil: null,
    retrySince: null,
    backoffStep: 0,
    providerTransferId: null,
    balanceTransactionId: null,
    destinationPaymentId: null,
    completedAt: null,
    originEnded: false,
    createdAt: now,
    ...over,
  });
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

describe('the statement that writes transfers', () => {
  it('is a narrow one for a first claim and for a payment', () => {
    expect(statementOf(claimed())).toBe('update_claimed_transfers');
    expect(statementOf(completed(), completed({ reason: 'stripe_timeout' }))).toBe(
      'update_completed_transfers',
    );
  });

  it('has a place for everything that changed, also when one of a batch changed more than the others', () => {
    expect(statementOf(claimed(), claimed(processing))).toBe('update_changed_transfers');
    expect(statementOf(completed(), completed({ ambiguous: true }))).toBe('update_changed_transfers');
    expect(statementOf(claimed(), completed())).toBe('update_changed_transfers');
  });
});

import { InvalidTransition } from '../../../kernel/errors';
import { TooLateToCancel } from './errors';
import { Payout, PAYOUT_STATUSES, type PayoutStatus } from './payout';

const CREATED_AT = new Date('2026-01-05T10:00:00Z');
const AT = new Date('2026-01-05T10:01:00Z');
const moment = { at: AT, actor: 'user:ann' };

const newPayout = () =>
  Payout.create({
    id: 'p1',
    recipientId: 'r1',
    recipientName: 'Ann Lee',
    accountTail: '6789',
    bankCode: 'AAAAGB2L',
    amountMinor: 10_050n,
    currency: 'USD',
    rail: 'stripe',
    description: null,
    metadata: {},
    createdBy: 'api_key:k1',
    createdAt: CREATED_AT,
  });

const inStatus = (status: PayoutStatus) => Payout.rehydrate({ ...newPayout().snapshot(), status });

const CHANGES: [PayoutStatus, (payout: Payout) => void][] = [
  ['PROCESSING', (payout) => payout.start('t1', moment)],
  ['COMPLETED', (payout) => payout.complete(moment)],
  ['FAILED', (payout) => payout.fail('account_closed', moment)],
  ['CANCELLED', (payout) => payout.cancel('ordered twice', moment)],
];
const ALLOWED = [
  'NEW PROCESSING',
  'NEW FAILED',
  'NEW CANCELLED',
  'PROCESSING COMPLETED',
  'PROCESSING FAILED',
] as const;
const isAllowed = (from: PayoutStatus, to: PayoutStatus) => ALLOWED.some((pair) => pair === `${from} ${to}`);
const pairs = PAYOUT_STATUSES.flatMap((from) => CHANGES.map(([to, change]) => ({ from, to, change })));

describe('a payout', () => {
  it('is NEW when it is created, without reason, transfer or end', () => {
    expect(newPayout().snapshot()).toMatchObject({
      status: 'NEW',
      reason: null,
      transferId: null,
      updatedAt: CREATED_AT,
      finishedAt: null,
    });
    expect(newPayout().changes).toEqual([]);
  });

  it.each(pairs.filter(({ from, to }) => isAllowed(from, to)))(
    'goes from $from to $to',
    ({ from, to, change }) => {
      const payout = inStatus(from);
      change(payout);
      const { status, updatedAt, reason } = payout.snapshot();
      expect({ status, updatedAt }).toEqual({ status: to, updatedAt: AT });
      expect(payout.changes).toEqual([{ payoutId: 'p1', from, to, reason, actor: 'user:ann', at: AT }]);
    },
  );

  it.each(pairs.filter(({ from, to }) => !isAllowed(from, to)))(
    'does not go from $from to $to, and stays as it is',
    ({ from, change }) => {
      const payout = inStatus(from);
      const before = payout.snapshot();
      expect(() => change(payout)).toThrow(from === 'PROCESSING' ? /./ : InvalidTransition);
      expect(payout.snapshot()).toBe(before);
      expect(payout.changes).toEqual([]);
    },
  );

  it('says what to do when it is cancelled after its transfer has begun', () => {
    expect(() => inStatus('PROCESSING').cancel('ordered twice', moment)).toThrow(TooLateToCancel);
    expect(() => inStatus('PROCESSING').start('t2', moment)).toThrow(InvalidTransition);
  });

  it('stores the transfer when it starts, and the end and its reason when it ends', () => {
    const paid = newPayout();
    paid.start('t1', moment);
    paid.complete(moment);
    expect(paid.snapshot()).toMatchObject({ transferId: 't1', reason: null, finishedAt: AT });
    const failed = newPayout();
    failed.fail('account_closed', moment);
    expect(failed.snapshot()).toMatchObject({ transferId: null, reason: 'account_closed', finishedAt: AT });
    const cancelled = newPayout();
    cancelled.cancel('ordered twice', moment);
    expect(cancelled.snapshot()).toMatchObject({ reason: 'ordered twice', finishedAt: AT });
    const started = newPayout();
    started.start('t1', moment);
    expect(started.snapshot().finishedAt).toBeNull();
  });
});

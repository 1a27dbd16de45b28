import { accounts } from '../../ledger/contract';
import { moneyPutIn, moneyTakenOut } from './accounting';
import { type ProviderEvent, type ReceivingEndpoint, sortedInto } from './provider-event';
import { RailAccountState } from './rail-account';

const event = (over: Partial<ProviderEvent>): ProviderEvent => ({
  id: 'evt_1',
  type: 'transfer.created',
  objectId: 'tr_1',
  account: null,
  livemode: false,
  createdAt: new Date(0),
  tenantId: null,
  ...over,
});
const own: ReceivingEndpoint = {
  family: 'account',
  tenantId: 'a',
  mode: 'test',
  providerAccountId: 'acct_own',
};
const connect: ReceivingEndpoint = { ...own, family: 'connect' };

describe('sortedInto', () => {
  it.each([
    [own, { type: 'transfer.created' }, { name: 'provider_event.transfer' }],
    [own, { type: 'transfer.updated' }, { name: 'provider_event.transfer' }],
    [own, { type: 'transfer.reversed', tenantId: 'a' }, { name: 'provider_event.transfer' }],
    [own, { type: 'balance.available' }, { name: 'provider_event.funds' }],
    [own, { type: 'topup.succeeded', account: 'acct_own' }, { name: 'provider_event.funds' }],
    [own, { type: 'topup.failed' }, { unmatched: 'type_not_used' }],
    [own, { type: 'account.updated' }, { unmatched: 'type_not_used' }],
    [own, { type: 'transfer.created', account: 'acct_ann' }, { unmatched: 'other_account' }],
    [own, { type: 'transfer.created', livemode: true }, { unmatched: 'other_mode' }],
    [own, { type: 'transfer.created', tenantId: 'b' }, { unmatched: 'other_tenant' }],
    [connect, { type: 'account.updated', account: 'acct_ann' }, { name: 'provider_event.account' }],
    [connect, { type: 'account.updated' }, { unmatched: 'other_account' }],
    [connect, { type: 'account.updated', account: 'acct_own' }, { unmatched: 'other_account' }],
    [connect, { type: 'balance.available', account: 'acct_ann' }, { unmatched: 'type_not_used' }],
    [{ ...own, mode: 'live' as const }, { livemode: false }, { unmatched: 'other_mode' }],
  ])('at %j, %j becomes %j', (endpoint, over, outcome) => {
    const sorted = sortedInto(event(over), endpoint);
    expect('published' in sorted ? { name: sorted.published.name } : sorted).toEqual(outcome);
  });
});

describe('The ledger entries of funding', () => {
  it('move money between the external account and the funding of the tenant, in both directions', () => {
    const move = {
      railAccountId: 'rail',
      reference: 'tu_1',
      amountMinor: 900n,
      currency: 'USD',
      actor: 'system',
    };
    const [outside, funding] = [accounts.external('rail', 'USD'), accounts.funding('USD')];
    expect(moneyPutIn.build(move)).toMatchObject({
      reference: 'funding:rail:tu_1',
      kind: 'money_put_in',
      postings: [{ from: outside, to: funding, minor: 900n }],
    });
    expect(moneyTakenOut.build(move)).toMatchObject({
      kind: 'money_taken_out',
      postings: [{ from: funding, to: outside, minor: 900n }],
    });
  });
});

describe('a rail account', () => {
  it('keeps the first reason of a pause, and forgets it when it goes on', () => {
    const at = new Date(0);
    const account = RailAccountState.rehydrate({
      id: 'x',
      rail: 'stripe',
      providerAccountId: 'acct_own',
      mode: 'test',
      status: 'active',
      pausedReason: null,
      pausedBy: null,
      pausedAt: null,
      createdAt: at,
    });
    expect([account.resume(), account.pause('first', 'ann', at), account.pause('second', 'bob', at)]).toEqual(
      [false, true, false],
    );
    expect(account.snapshot()).toMatchObject({ status: 'paused', pausedReason: 'first', pausedBy: 'ann' });
    expect(account.resume()).toBe(true);
    expect(account.snapshot()).toMatchObject({
      status: 'active',
      pausedReason: null,
      pausedBy: null,
      pausedAt: null,
    });
  });
});

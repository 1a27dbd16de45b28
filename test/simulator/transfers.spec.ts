import { KEY, order, refusal, startBench } from './support';
import type { Bench } from './support';

describe('transfers at the simulator, seen by an unmodified stripe-node', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.simulator.close());

  it('pays an account and takes the amount from the available balance', async () => {
    const { stripe, payee, simulator } = bench;
    const transfer = await stripe.transfers.create(order(payee, { description: 'Prize & more' }), {
      idempotencyKey: 'k1',
    });
    expect(transfer).toMatchObject({
      object: 'transfer',
      amount: 1_000,
      amount_reversed: 0,
      currency: 'usd',
      destination: payee,
      description: 'Prize & more',
      livemode: false,
      metadata: { transfer: 't1' },
      reversed: false,
      transfer_group: 'disburse_t1',
    });
    expect(transfer.id).toMatch(/^tr_sim_/);
    expect(transfer.lastResponse.requestId).toMatch(/^req_sim_/);
    expect((await stripe.balance.retrieve()).available).toMatchObject([{ amount: 999_000, currency: 'usd' }]);
    expect(await stripe.transfers.retrieve(transfer.id)).toMatchObject({ id: transfer.id, amount: 1_000 });
    expect(await simulator.allEffects()).toMatchObject([
      {
        seq: 1,
        id: transfer.id,
        amount: 1_000,
        currency: 'usd',
        destination: payee,
        transfer_group: 'disburse_t1',
        idempotency_key: 'k1',
        reversed: false,
      },
    ]);
  });

  it('rejects what the balance does not cover, and pays after a top-up under another key', async () => {
    const { stripe, payee } = bench;
    const error = await refusal(
      stripe.transfers.create(order(payee, { amount: 1_000_001 }), { idempotencyKey: 'g1' }),
    );
    expect(error).toMatchObject({
      statusCode: 400,
      code: 'balance_insufficient',
      rawType: 'invalid_request_error',
      type: 'StripeInvalidRequestError',
    });
    const topup = await stripe.topups.create({ amount: 5, currency: 'usd', description: 'more' });
    expect(topup).toMatchObject({ object: 'topup', status: 'succeeded', amount: 5 });
    expect(
      (await refusal(stripe.transfers.create(order(payee, { amount: 1_000_001 }), { idempotencyKey: 'g1' })))
        .code,
    ).toBe('balance_insufficient');
    expect(
      (await stripe.transfers.create(order(payee, { amount: 1_000_001 }), { idempotencyKey: 'g2' })).amount,
    ).toBe(1_000_001);
    expect((await stripe.topups.list()).data.map(({ id }) => id)).toEqual([topup.id]);
    expect((await stripe.topups.retrieve(topup.id)).amount).toBe(5);
  });

  it.each([
    ['no amount', { amount: undefined }, 'parameter_missing', 'amount'],
    ['an amount of 0', { amount: 0 }, 'parameter_invalid_integer', 'amount'],
    ['a broken amount', { amount: 10.5 }, 'parameter_invalid_integer', 'amount'],
    ['too much', { amount: 99_999_999_999_999 }, 'amount_too_large', 'amount'],
    ['an unknown currency', { currency: 'xyz' }, undefined, 'currency'],
    [
      'a third decimal that is not 0',
      { amount: 1_001, currency: 'kwd' },
      'parameter_invalid_integer',
      'amount',
    ],
    ['a part of a whole unit', { amount: 150, currency: 'isk' }, 'parameter_invalid_integer', 'amount'],
    ['no destination', { destination: undefined }, 'parameter_missing', 'destination'],
    ['an unknown destination', { destination: 'acct_sim_missing' }, 'resource_missing', 'destination'],
    ['a misspelt parameter', { transfergroup: 'g' }, 'parameter_unknown', 'transfergroup'],
    ['too much metadata', { metadata: { note: 'x'.repeat(501) } }, undefined, 'metadata[note]'],
  ])('refuses %s', async (_what, change, code, param) => {
    const { stripe, payee, simulator } = bench;
    const error = await refusal(stripe.transfers.create(order(payee, change as object)));
    expect(error).toMatchObject({ statusCode: 400, code, param, rawType: 'invalid_request_error' });
    expect(await simulator.allEffects()).toEqual([]);
  });

  it('needs the transfers capability of the destination, not charges', async () => {
    const { stripe, payee, simulator } = bench;
    for (const capability of ['pending', 'inactive', null] as const) {
      await simulator.changeAccount(payee, { capability });
      expect(await refusal(stripe.transfers.create(order(payee)))).toMatchObject({
        statusCode: 400,
        code: 'insufficient_capabilities_for_transfer',
      });
    }
    await simulator.changeAccount(payee, { capability: 'active', charges_enabled: false });
    expect((await stripe.transfers.create(order(payee))).destination).toBe(payee);
  });

  it.each(['account_closed', 'account_invalid', 'no_account', 'transfers_not_allowed'] as const)(
    'are refused with %s when it is configured',
    async (code) => {
      const { stripe, payee, simulator } = bench;
      await simulator.changeAccount(payee, { refuse_with: code });
      expect(await refusal(stripe.transfers.create(order(payee)))).toMatchObject({ statusCode: 400, code });
      await simulator.changeAccount(payee, { refuse_with: null });
      await stripe.transfers.create(order(payee));
    },
  );

  it('pages through all transfers, newest first, in both directions', async () => {
    const { stripe, payee, simulator } = bench;
    const made: string[] = [];
    for (let index = 0; index < 23; index += 1)
      made.unshift((await stripe.transfers.create(order(payee, { transfer_group: `g${index % 2}` }))).id);
    const all = await stripe.transfers.list({ limit: 5 }).autoPagingToArray({ limit: 100 });
    expect(all.map(({ id }) => id)).toEqual(made);
    const grouped = await stripe.transfers
      .list({ transfer_group: 'g0', destination: payee, limit: 3 })
      .autoPagingToArray({ limit: 100 });
    expect(grouped.map(({ id }) => id)).toEqual(made.filter((_id, index) => index % 2 === 0));
    const [elsewhere = ''] = await simulator.createAccounts({ platform: KEY });
    const other = await stripe.transfers.create(order(elsewhere));
    expect((await stripe.transfers.list({ destination: elsewhere })).data.map(({ id }) => id)).toEqual([
      other.id,
    ]);
    const before = await stripe.transfers.list({ limit: 4, ending_before: made[10] });
    expect(before.data.map(({ id }) => id)).toEqual(made.slice(6, 10));
    expect(before.has_more).toBe(true);
    expect((await stripe.transfers.list({ transfer_group: 'none' })).data).toEqual([]);
    expect(await refusal(stripe.transfers.list({ starting_after: 'tr_sim_none' }))).toMatchObject({
      code: 'resource_missing',
      param: 'starting_after',
    });
  });

  it('filters a list by time of creation', async () => {
    const { stripe, payee, simulator } = bench;
    const early = await stripe.transfers.create(order(payee));
    await simulator.advanceClock(60_000);
    const late = await stripe.transfers.create(order(payee));
    const ids = async (created: object): Promise<string[]> =>
      (await stripe.transfers.list({ created })).data.map(({ id }) => id);
    expect(await ids({ gte: late.created })).toEqual([late.id]);
    expect(await ids({ gt: late.created })).toEqual([]);
    expect(await ids({ lt: late.created })).toEqual([early.id]);
    expect(await ids({ gte: early.created, lte: late.created })).toEqual([late.id, early.id]);
  });

  it('reverses a transfer in parts and then no further', async () => {
    const { stripe, payee, simulator } = bench;
    const { id } = await stripe.transfers.create(order(payee));
    const part = await stripe.transfers.createReversal(id, { amount: 400, metadata: { why: 'mistake' } });
    expect(part).toMatchObject({
      object: 'transfer_reversal',
      amount: 400,
      transfer: id,
      metadata: { why: 'mistake' },
    });
    expect(await stripe.transfers.retrieve(id)).toMatchObject({ amount_reversed: 400, reversed: false });
    expect(await refusal(stripe.transfers.createReversal(id, { amount: 601 }))).toMatchObject({
      statusCode: 400,
    });
    const rest = await stripe.transfers.createReversal(id);
    expect(rest.amount).toBe(600);
    expect(await stripe.transfers.retrieve(id)).toMatchObject({ amount_reversed: 1_000, reversed: true });
    expect(await refusal(stripe.transfers.createReversal(id))).toMatchObject({ statusCode: 400 });
    expect((await stripe.transfers.listReversals(id)).data.map((reversal) => reversal.id)).toEqual([
      rest.id,
      part.id,
    ]);
    expect(await stripe.transfers.retrieveReversal(id, part.id)).toMatchObject({ id: part.id });
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(1_000_000);
    expect(await simulator.allEffects()).toMatchObject([
      { id, amount_reversed: 1_000, reversed: true, reversals: [{ amount: 400 }, { amount: 600 }] },
    ]);
  });

  it('changes metadata key by key', async () => {
    const { stripe, payee } = bench;
    const { id } = await stripe.transfers.create(order(payee, { metadata: { a: '1', b: '2' } }));
    expect((await stripe.transfers.update(id, { metadata: { b: '', c: '3' } })).metadata).toEqual({
      a: '1',
      c: '3',
    });
  });

  it('returns 404 for objects that do not exist', async () => {
    expect(await refusal(bench.stripe.transfers.retrieve('tr_sim_none'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    expect(await refusal(bench.stripe.invoices.list())).toMatchObject({ statusCode: 404 });
  });
});

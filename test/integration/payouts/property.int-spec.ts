import fc from 'fast-check';
import { newId } from '../../../src/kernel/ids';
import { UnitOfWork } from '../../../src/kernel/tx';
import { OnPayoutCreated } from '../../../src/modules/payouts/application/on-payout-created';
import { OnTransferFinished } from '../../../src/modules/payouts/application/on-transfer-finished';
import { PAYOUT_STATUSES } from '../../../src/modules/payouts/contract';
import { startApp, type TestApp, type TestTenant } from '../../support';
import { booksOf } from '../transfers/support/books';
import { newKey, type PayoutJson } from './support/payouts';

/** `at` is an index into the payouts that exist by then, or into those that have a transfer. */
type Step =
  | { readonly act: 'create' | 'batch'; readonly who: number; readonly cents: number; readonly rail: string }
  | { readonly act: 'change'; readonly at: number; readonly status: string }
  | { readonly act: 'mark'; readonly at: number; readonly paid: boolean }
  | { readonly act: 'delete' | 'start' | 'finish'; readonly at: number };

const at = fc.nat(9);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom('create' as const, 'batch' as const),
      who: fc.nat(1),
      cents: fc.integer({ min: 1, max: 99_999 }),
      rail: fc.constantFrom('manual', 'manual', 'stripe'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom('start' as const, 'start' as const, 'finish' as const, 'delete' as const),
      at,
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('mark' as const), at, paid: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('change' as const),
      at,
      status: fc.constantFrom(...PAYOUT_STATUSES),
    }),
  },
);

const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED'];
const UNPAID = ['FAILED', 'CANCELLED'];

/** API calls and event handlers in any order: events arrive late, twice, or for payouts that have ended. */
describe('Any sequence of operations on payouts', () => {
  let world: TestApp;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
  });
  afterAll(() => world.close());

  async function take(
    tenant: TestTenant,
    people: readonly string[],
    known: readonly PayoutJson[],
    step: Step,
  ): Promise<number> {
    if ('who' in step) {
      const order = {
        recipient_id: people[step.who],
        amount: textOf(step.cents),
        currency: 'USD',
        rail: step.rail,
      };
      const [path, body] =
        step.act === 'create'
          ? ['/payouts', order]
          : [
              '/payouts/batch',
              {
                payouts: [
                  order,
                  { ...order, recipient_id: newId() },
                  { ...order, recipient_id: people[1 - step.who] },
                ],
              },
            ];
      return (await tenant.call('POST', path as string, body, { 'Idempotency-Key': newKey() })).status;
    }
    const among =
      step.act === 'mark' || step.act === 'finish' ? known.filter(({ transfer_id }) => transfer_id) : known;
    const payout = among[step.at % among.length];
    if (!payout) return 404;
    if (step.act === 'start' || step.act === 'finish') return handleEvent(tenant, step.act, payout.id);
    if (step.act === 'change')
      return (
        await tenant.call('PATCH', `/payouts/${payout.id}`, { status: step.status, external_id: newKey() })
      ).status;
    if (!('paid' in step)) return (await tenant.call('DELETE', `/payouts/${payout.id}`)).status;
    const [path, body] = step.paid
      ? ['mark-paid', { reason: 'sent', external_id: newKey() }]
      : ['mark-failed', { reason: 'not sent' }];
    return (
      await tenant.call('POST', `/transfers/${payout.transfer_id}/${path}`, body, {
        'Idempotency-Key': newKey(),
      })
    ).status;
  }

  async function handleEvent(
    tenant: TestTenant,
    what: 'start' | 'finish',
    payoutId: string,
  ): Promise<number> {
    const uow = world.app.get(UnitOfWork, { strict: false });
    const event = { id: newId(), name: what, occurredAt: new Date() };
    const created = { payout_id: payoutId, status: 'NEW' } as const;
    const finished = {
      transfer_id: newId(),
      origin: { kind: 'payout', id: payoutId },
      job_id: null,
      recipient_id: newId(),
      reason: null,
    };
    await uow.run(tenant.id, (tx) =>
      what === 'start'
        ? world.app.get(OnPayoutCreated, { strict: false }).handle(tx, [{ ...event, payload: created }])
        : world.app.get(OnTransferFinished, { strict: false }).handle(tx, [{ ...event, payload: finished }]),
    );
    return 200;
  }

  const all = async (tenant: TestTenant) =>
    (await tenant.get<{ results: PayoutJson[] }>('/payouts?limit=100')).results.reverse();

  it('never changes a final status and leaves balances that match the statuses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 15, maxLength: 30 }), async (steps) => {
        const tenant = await world.tenant();
        const people = [...(await tenant.recipients(['ann', 'bob'])).values()];
        let known: PayoutJson[] = [];
        for (const step of steps) {
          const status = await take(tenant, people, known, step);
          expect([step, status < 500]).toEqual([step, true]);
          const now = await all(tenant);
          for (const [place, before] of known.entries())
            if (ENDED.includes(before.status)) expect(now[place]).toEqual(before);
          known = now;
          await assertBalances(tenant, people, known);
        }
        for (const { id, transfer_id } of known) if (transfer_id) await handleEvent(tenant, 'finish', id);
        await assertBalances(tenant, people, await all(tenant), true);
        expect((await tenant.verify()).balanced).toBe(true);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  /**
   * The amounts of all payouts that did not end without payment are payable, reserved or paid. Once all events
   * are handled, each amount is where its status says.
   */
  async function assertBalances(
    tenant: TestTenant,
    people: readonly string[],
    payouts: readonly PayoutJson[],
    allHandled = false,
  ): Promise<void> {
    const sum = (holds: (payout: PayoutJson) => boolean) =>
      payouts.filter(holds).reduce((cents, { amount }) => cents + centsOf(amount), 0);
    let held = 0;
    let paid = 0;
    for (const person of people) {
      const { payable = '0', reserved = '0', external = '0' } = await booksOf(tenant, person);
      held += centsOf(payable) + centsOf(reserved);
      // Only manual payments are completed here: one external account has those of both recipients.
      paid = centsOf(external);
      const theirs = (wanted: string) =>
        sum(({ recipient_id, status }) => recipient_id === person && status === wanted);
      if (allHandled)
        expect([centsOf(payable), centsOf(reserved)]).toEqual([theirs('NEW'), theirs('PROCESSING')]);
    }
    expect(held + paid).toBe(sum(({ status }) => !UNPAID.includes(status)));
    if (allHandled) expect(paid).toBe(sum(({ status }) => status === 'COMPLETED'));
  }
});

function centsOf(text: string): number {
  return Math.round(Number(text) * 100);
}

function textOf(cents: number): string {
  return (cents / 100).toFixed(2);
}

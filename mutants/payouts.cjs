'use strict';

module.exports = [
  {
    name: 'failed-payout-not-voided',
    what: 'the entry of a payout is not reversed when its transfer failed',
    file: 'src/modules/payouts/application/finalize-payouts.ts',
    find: 'await this.postVoided(tx, unpaid, actor);',
    replace: '',
    test: 'test/integration/payouts/flow.int-spec.ts',
    title: 'fails with the reason of its transfer and returns the amount to funding',
  },
  {
    name: 'payout-saved-without-invalidation',
    what: 'a change of a payout does not invalidate the cached lists',
    file: 'src/modules/payouts/infrastructure/persistence/postgres-payout-repository.ts',
    find: `await this.uow.write(tx, [pendingWrite(insertPayoutEvents, steps),
      pendingWrite(updatePayouts, changed.map((payout) => payout.snapshot()))]);
    this.responses.invalidate(tx, PAYOUT_LIST);`,
    replace: `await this.uow.write(tx, [pendingWrite(insertPayoutEvents, steps),
      pendingWrite(updatePayouts, changed.map((payout) => payout.snapshot()))]);`,
    test: 'test/integration/payouts/kept-pages.int-spec.ts',
    title: 'is read again by both processes when a worker starts one',
  },
  {
    name: 'payout-dispatched-twice',
    what: 'a worker dispatches payouts that are no longer NEW',
    file: 'src/modules/payouts/application/on-payout-created.ts',
    find: "const fresh = (await this.payouts.lock(tx, ids)).filter((payout) => payout.snapshot().status === 'NEW');",
    replace: 'const fresh = (await this.payouts.lock(tx, ids));',
    test: 'test/integration/payouts/races.int-spec.ts',
    title: 'five workers create one transfer and one change of status',
  },
  {
    name: 'batch-fails-with-one-request',
    what: 'all requests of a batch fail when one of them fails in the database',
    file: 'src/modules/payouts/infrastructure/http/batch-create-payouts.ts',
    find: 'if (error instanceof CommitUnknown) throw error;',
    replace: 'if (error instanceof Error) throw error;',
    test: 'test/integration/payouts/batching.int-spec.ts',
    title: 'does not delay other requests for one whose key is locked by another transaction',
  },
  {
    name: 'waiting-request-occupies-a-batch',
    what: 'a single request occupies its place among the batches for as long as it waits for a lock',
    file: 'src/modules/payouts/infrastructure/http/batch-create-payouts.ts',
    find: `await response.catch(() => undefined);
      return [this.orPatiently(first.keyed, response)];`,
    replace: `const patient = this.orPatiently(first.keyed, response);
      await patient.catch(() => undefined);
      return [patient];`,
    test: 'test/integration/payouts/batching.int-spec.ts',
    title: 'does not block the queue with two batches that wait for a lock',
  },
];

'use strict';

module.exports = [
  {
    name: 'payout-fails-and-stays-owed',
    what: "what is owed stays owed when a payout's transfer failed",
    file: 'src/modules/payouts/application/finalize-payouts.ts',
    find: 'await this.postVoided(tx, unpaid, actor);',
    replace: '',
    test: 'test/integration/payouts/flow.int-spec.ts',
    title: 'fails with the reason of its transfer, and what was owed is taken back',
  },
  {
    name: 'payout-saved-and-list-kept',
    what: 'a payout that changes leaves the lists that were kept',
    file: 'src/modules/payouts/infrastructure/persistence/postgres-payout-repository.ts',
    find: `await this.uow.write(tx, [pendingWrite(insertPayoutEvents, steps), pendingWrite(updatePayouts, changed.map((payout) => payout.snapshot()))]);
    this.pages.invalidate(tx, PAYOUT_PAGES);`,
    replace:
      'await this.uow.write(tx, [pendingWrite(insertPayoutEvents, steps), pendingWrite(updatePayouts, changed.map((payout) => payout.snapshot()))]);',
    test: 'test/integration/payouts/kept-pages.int-spec.ts',
    title: 'is read again by both processes when a worker starts one',
  },
  {
    name: 'payout-started-twice',
    what: 'a worker starts payouts that were started before',
    file: 'src/modules/payouts/application/on-payout-created.ts',
    find: "const fresh = (await this.payouts.lock(tx, ids)).filter((payout) => payout.snapshot().status === 'NEW');",
    replace: 'const fresh = (await this.payouts.lock(tx, ids));',
    test: 'test/integration/payouts/races.int-spec.ts',
    title: 'five workers: one transfer, one step',
  },
];

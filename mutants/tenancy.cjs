'use strict';

module.exports = [
  {
    name: 'reading-shared-between-transactions',
    what: 'whoever asks for settings that are just being read shares the reading of another transaction',
    file: 'src/modules/tenancy/application/known.ts',
    find: 'const answer = await load();',
    replace: `const shared = this as unknown as { reading?: Promise<T> };
    const answer = await (shared.reading ??= load().finally(() => delete shared.reading));`,
    test: 'test/integration/payouts/batching.int-spec.ts',
    title: 'does not share a settings read with a transaction whose access epoch is outdated',
  },
  {
    name: 'settings-known-after-a-change',
    what: 'settings that are known are not forgotten when they are changed',
    file: 'src/modules/tenancy/application/tenancy.facade.ts',
    find: 'this.uow.afterCommit(tx, async () => this.known.forget(id));',
    replace: '',
    test: 'test/integration/payouts/create.int-spec.ts',
    title: 'applies a change of the allowed currencies at once',
  },
  {
    name: 'suspended-by-somebody-demoted',
    what: 'a tenant is suspended by somebody who was demoted after the request was let in',
    file: 'src/modules/tenancy/application/run-tenants.ts',
    find: 'await this.epochs.lockInstallation(tx, accessEpoch);',
    replace: 'if (!accessEpoch) await this.epochs.lockInstallation(tx, accessEpoch);',
    test: 'test/integration/tenancy/runners.int-spec.ts',
    title: 'and is demoted after the request was let in neither suspends a tenant nor lets one go on',
  },
  {
    name: 'suspension-overtakes-a-claim',
    what: 'a claim does not hold the status that it read',
    file: 'src/modules/tenancy/infrastructure/persistence/tenants.sql.ts',
    find: "return { name: 'tenancy.hold-active', text: `SELECT id FROM tenancy.tenants WHERE id = $1 AND status = 'active' FOR SHARE`, values: [id] };",
    replace:
      "return { name: 'tenancy.hold-active', text: `SELECT id FROM tenancy.tenants WHERE id = $1 AND status = 'active'`, values: [id] };",
    test: 'test/integration/transfers/suspended-tenant.int-spec.ts',
    title: 'waits for a claim that is being made, so that none is committed after the suspension',
  },
  {
    name: 'suspension-without-epoch',
    what: 'a suspended tenant is not made heard of in other processes',
    file: 'src/modules/tenancy/application/tenancy.facade.ts',
    find: 'await this.epochs.bump(tx);',
    replace: '',
    test: 'test/integration/tenancy/tenants-api.int-spec.ts',
    title: 'ends what its keys and people may write, and reactivating lets them in again',
  },
];

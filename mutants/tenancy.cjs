'use strict';

module.exports = [
  {
    name: 'settings-load-shared-between-transactions',
    what: 'a concurrent caller shares the load of settings of another transaction',
    file: 'src/modules/tenancy/application/tenancy.facade.ts',
    find: 'return this.settingsCache.load(this.uow.tenantOf(tx), () => this.settingsOf(tx));',
    replace: 'return this.settingsCache.loadShared(this.uow.tenantOf(tx), () => this.settingsOf(tx));',
    test: 'test/integration/payouts/batching.int-spec.ts',
    title: 'does not share a settings read with a transaction whose access epoch is outdated',
  },
  {
    name: 'settings-cached-after-a-change',
    what: 'cached settings are not invalidated when they are changed',
    file: 'src/modules/tenancy/application/change-tenant-settings.ts',
    find: 'this.uow.afterCommit(tx, async () => this.cache.invalidate(id));',
    replace: '',
    test: 'test/integration/payouts/create.int-spec.ts',
    title: 'applies a change of the allowed currencies at once',
  },
  {
    name: 'suspended-by-a-demoted-platform-admin',
    what: 'a tenant is suspended by a platform admin who was demoted after the request was authenticated',
    file: 'src/modules/tenancy/application/tenant-administration.ts',
    find: 'await this.epochs.lockInstallation(tx, accessEpoch);',
    replace: 'if (!accessEpoch) await this.epochs.lockInstallation(tx, accessEpoch);',
    test: 'test/integration/tenancy/platform-admins.int-spec.ts',
    title: 'who is demoted after the request was authenticated neither suspends nor reactivates a tenant',
  },
  {
    name: 'suspension-overtakes-a-claim',
    what: 'a claim does not lock the status that it read',
    file: 'src/modules/tenancy/infrastructure/persistence/sql/tenants.sql.ts',
    find: "return { name: 'tenancy.lock-active', text: `SELECT id FROM tenancy.tenants WHERE id = $1 AND status = 'active' FOR SHARE`, values: [id] };",
    replace:
      "return { name: 'tenancy.lock-active', text: `SELECT id FROM tenancy.tenants WHERE id = $1 AND status = 'active'`, values: [id] };",
    test: 'test/integration/transfers/suspended-tenant.int-spec.ts',
    title: 'is suspended only after a running claim has committed',
  },
  {
    name: 'suspension-without-epoch',
    what: 'the suspension of a tenant bumps no access epoch, so that other processes accept its writes',
    file: 'src/modules/tenancy/application/change-tenant-status.ts',
    find: 'await this.epochs.bump(tx);',
    replace: '',
    test: 'test/integration/tenancy/tenants-api.int-spec.ts',
    title: 'rejects the writes of its keys and users, and reactivating accepts them again',
  },
];

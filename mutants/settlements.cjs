'use strict';

module.exports = [
  {
    name: 'approver-is-maker',
    what: 'the maker of a settlement approves it',
    file: 'src/modules/settlements/domain/approval.ts',
    find: 'if (!areIndependent(makerActorChain, actorChain)) throw new ApproverIsMaker();',
    replace: '',
    test: 'src/modules/settlements/domain/settlement.spec.ts',
    title: 'rejects an approval by the user who made the key',
  },
  {
    name: 'approver-with-newer-access',
    what: 'a user or key with newer access than the settlement approves it',
    file: 'src/modules/settlements/domain/approval.ts',
    find: 'if (since === null || since >= createdAt) throw new ApproverTooNew();',
    replace: '',
    test: 'test/integration/settlements/approval.int-spec.ts',
    title: 'rejects an approval with a key that was made afterwards',
  },
  {
    name: 'suspended-tenant-expanded',
    what: 'settlements of a suspended tenant are expanded',
    file: 'src/modules/settlements/application/expand-settlement.ts',
    find: "if (!(await this.tenancy.mayPay(tx))) return 'tenant_suspended';",
    replace: '',
    test: 'test/integration/transfers/suspended-tenant.int-spec.ts',
    title: 'is not expanded further between two chunks',
  },
  {
    name: 'unapproved-by-update',
    what: 'an UPDATE releases a settlement that waits for its approval',
    file: 'src/modules/settlements/infrastructure/persistence/migrations/1764000070000-settlements.ts',
    find: `CONSTRAINT settlements_approved CHECK (state NOT IN ('recorded', 'expanding', 'expanded')
      OR NOT COALESCE(awards_minor > approval_above, false)
      OR COALESCE(approved_hash = result_hash, false)),`,
    replace: '',
    test: 'test/integration/settlements/constraints.int-spec.ts',
    title: "rejects state = 'recorded' with settlements_approved",
  },
  {
    name: 'unapproved-expansion',
    what: 'a settlement above the limit is expanded without its approval',
    file: 'src/modules/settlements/domain/settlement.ts',
    find: "if (to === 'expanding' || to === 'expanded') assertApproved(this.state);",
    replace: '',
    test: 'src/modules/settlements/domain/settlement.spec.ts',
    title: 'rejects an expansion above the limit without an approval, in any state',
  },
  {
    name: 'settlement-saved-without-invalidation',
    what: 'a change of a settlement does not invalidate the cached list',
    file: 'src/modules/settlements/infrastructure/persistence/postgres-settlement-repository.ts',
    find: `async save(tx: Tx, settlement: SettlementSnapshot): Promise<void> {
    this.responses.invalidate(tx, SETTLEMENT_LIST);`,
    replace: `async save(tx: Tx, settlement: SettlementSnapshot): Promise<void> {
    if (settlement.id === '') this.responses.invalidate(tx, SETTLEMENT_LIST);`,
    test: 'test/e2e/cached-lists.e2e-spec.ts',
    title: 'show each write of every route that changes something',
  },
];

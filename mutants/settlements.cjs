'use strict';

module.exports = [
  {
    name: 'approver-is-maker',
    what: 'who made a settlement approves it',
    file: 'src/modules/settlements/domain/approval.ts',
    find: 'if (!fourEyes(madeBehind, behind)) throw new ApproverIsMaker();',
    replace: '',
    test: 'src/modules/settlements/domain/settlement.spec.ts',
    title: 'is not approved by the person behind the key',
  },
  {
    name: 'approver-made-when-needed',
    what: 'a key or person that was made after the settlement approves it',
    file: 'src/modules/settlements/domain/approval.ts',
    find: 'if (since === null || since >= createdAt) throw new ApproverTooNew();',
    replace: '',
    test: 'test/integration/settlements/approval.int-spec.ts',
    title: 'is not approved with a key that was made afterwards, by whomever',
  },
  {
    name: 'suspended-tenant-expanded',
    what: 'settlements of a suspended tenant become transfers',
    file: 'src/modules/settlements/application/expand-settlement.ts',
    find: "if (!(await this.tenancy.mayPay(tx))) return 'tenant_suspended';",
    replace: '',
    test: 'test/integration/transfers/suspended-tenant.int-spec.ts',
    title: 'is not expanded further between two chunks',
  },
  {
    name: 'unapproved-by-statement',
    what: 'one UPDATE releases a settlement that waits for its approval',
    file: 'src/modules/settlements/infrastructure/persistence/migrations/1764000070000-settlements.ts',
    find: `CONSTRAINT settlements_approved CHECK (state NOT IN ('recorded', 'expanding', 'expanded')
      OR NOT COALESCE(awards_minor > approval_above, false)
      OR COALESCE(approved_hash = result_hash, false)),`,
    replace: '',
    test: 'test/integration/settlements/wall.int-spec.ts',
    title: "the application cannot set state = 'recorded': settlements_approved",
  },
  {
    name: 'unapproved-expansion',
    what: 'a settlement above the limit is expanded without its approval',
    file: 'src/modules/settlements/domain/settlement.ts',
    find: "if (to === 'expanding' || to === 'expanded') assertApproved(this.state);",
    replace: '',
    test: 'src/modules/settlements/domain/settlement.spec.ts',
    title: 'above the limit is not expanded without an approval of its plan, whatever its state says',
  },
];

'use strict';

module.exports = [
  {
    name: 'audit-after-the-commit',
    what: 'an audit record follows the commit instead of being part of it',
    file: 'src/platform/audit/postgres-audit-trail.ts',
    find: 'await this.recordIn(tx, this.uow.tenantOf(tx), actor, ...records);',
    replace: `const tenant = this.uow.tenantOf(tx);
    this.uow.afterCommit(tx, () => this.uow.run(tenant, (later) => this.recordIn(later, tenant, actor, ...records)));`,
    test: 'test/integration/platform/audit/audit-trail.int-spec.ts',
    title: 'is part of the transaction of what was done, and not something that follows it',
  },
];

'use strict';

module.exports = [
  {
    name: 'access-epoch-not-asserted',
    what: 'a write does not ask whether access was taken away',
    file: 'src/platform/access/authorized-transaction.ts',
    find: 'this.uow.run(known.tenantId, (tx) => work(tx, known), { ...options, accessEpoch: known.accessEpoch }),',
    replace: 'this.uow.run(known.tenantId, (tx) => work(tx, known), { ...options }),',
    test: 'test/integration/identity/access-epoch.int-spec.ts',
    title: 'refuses the next write of a revoked key, though it is still known',
  },
  {
    name: 'answer-kept-apart',
    what: 'the idempotent answer is kept after the transaction of the effect',
    file: 'src/platform/idempotency/idempotency.ts',
    find: 'await sql(tx).count(keepAnswer(use, answer.status, answer.bytes, answer.location));',
    replace:
      'this.uow.afterCommit(tx, () => this.uow.run(principal.tenantId, async (after) => void (await sql(after).count(keepAnswer(use, answer.status, answer.bytes, answer.location)))));',
    test: 'test/integration/http/kept-answer.int-spec.ts',
    title: 'is kept by the same commit as its effect',
  },
  {
    name: 'csrf-token-not-asked',
    what: 'a cookie is enough to change something',
    file: 'src/platform/access/csrf.ts',
    find: "typeof given !== 'string' || !equalInConstantTime(given, csrfTokenOf(session))",
    replace: "(given !== undefined && typeof given !== 'string')",
    test: 'test/integration/identity/sessions.int-spec.ts',
    title: 'changes nothing without the token of that session, or from another origin',
  },
  {
    name: 'feature-guard-fails-open',
    what: 'a route behind a feature is open while nobody can tell whether the feature is on',
    file: 'src/platform/access/feature.ts',
    find: 'const on = await this.switches.isOn(tenantId, name);',
    replace: 'const on = await this.switches.isOn(tenantId, name).catch(() => true);',
    test: 'test/integration/tenancy/features.int-spec.ts',
    title: 'is closed while nobody can tell whether the feature is on',
  },
  {
    name: 'kept-answer-not-with-the-writes',
    what: 'the key of a request that is one message is not written with it',
    file: 'src/platform/idempotency/idempotency.ts',
    find: 'this.uow.writeAndCommit(tx, [...writes, pendingWrite(insertAnswers, [{ use, answer: first }])]);',
    replace: 'this.uow.writeAndCommit(tx, [...writes]);',
    test: 'test/integration/payouts/create.int-spec.ts',
    title: 'returns the new payout, and the same bytes for a repeat',
  },
  {
    name: 'knocks-not-counted',
    what: 'whoever is at the door may knock as often as they like',
    file: 'src/platform/rate-limit/rate-limit.guard.ts',
    find: 'if (this.reflector.getAllAndOverride<boolean | undefined>(PER_ADDRESS, [context.getHandler(), context.getClass()])) await this.limits.admitStranger(request, reply);',
    replace: '',
    test: 'test/integration/http/door.int-spec.ts',
    title: 'counts all ways together, and takes a network of IPv6 for one address',
  },
  {
    name: 'limit-not-shared',
    what: 'a process lets one more through when the shared bucket has nothing',
    file: 'src/platform/rate-limit/limiter.ts',
    find: 'Object.assign(lease, { tokens: granted, left, shared, untilMs: now + LEASE_KEPT_MS });',
    replace:
      'Object.assign(lease, { tokens: Math.max(granted, 1), left, shared, untilMs: now + LEASE_KEPT_MS });',
    test: 'test/integration/http/limits.int-spec.ts',
    title: 'let at most the limit through, of a thousand at once',
  },
  {
    name: 'list-refused-for-one-of-it',
    what: 'requests that are done together are all refused when one of them is at fault',
    file: 'src/platform/idempotency/batched-writes.ts',
    find: 'if (error instanceof CommitUnknown) throw error;',
    replace: 'if (error instanceof Error) throw error;',
    test: 'test/integration/payouts/batching.int-spec.ts',
    title: 'does not delay other requests for one whose key is locked by another transaction',
  },
  {
    name: 'other-content-answered',
    what: 'other content under a known key gets the first answer',
    file: 'src/platform/idempotency/replay.ts',
    find: 'if (!kept.fingerprint.equals(fingerprint)) throw keyReused();',
    replace: 'if (fingerprint.length < 0) throw keyReused();',
    test: 'test/integration/http/idempotency.int-spec.ts',
    title: 'is refused with 422 for other content',
  },
  {
    name: 'page-kept-under-a-later-version',
    what: 'a page is kept under the version of after it was read',
    file: 'src/platform/pagination/cached-list.interceptor.ts',
    find: 'this.pages.store(version, request.url, bytes);',
    replace:
      'void this.pages.version(this.reflector.get<string>(LIST, context.getHandler()), principal.tenantId).then((later) => this.pages.store(later ?? version, request.url, bytes));',
    test: 'test/integration/payouts/kept-pages.int-spec.ts',
    title: 'is not made of what was read before a write',
  },
  {
    name: 'place-held-by-who-waits',
    what: 'a request alone keeps its place in the line for as long as it waits for a lock',
    file: 'src/platform/idempotency/batched-writes.ts',
    find: `await answer.catch(() => undefined);
      return [this.orPatiently(first, answer)];`,
    replace: `const patient = this.orPatiently(first, answer);
      await patient.catch(() => undefined);
      return [patient];`,
    test: 'test/integration/payouts/batching.int-spec.ts',
    title: 'does not block the queue with two batches that wait for a lock',
  },
  {
    name: 'short-way-for-whoever-is-known',
    what: 'a kept page goes to every known caller of its tenant, whatever the guards of its route say',
    file: 'src/platform/pagination/kept-page.hook.ts',
    find: 'return principal && this.passed.has(principal, url) ? principal : null;',
    replace: 'return principal && url ? principal : null;',
    test: 'test/integration/payouts/kept-page-short-way.int-spec.ts',
    title: 'is shut for a key without the scope, another tenant, and one that was revoked',
  },
  {
    name: 'pending-invalidation-not-retried',
    what: 'a version that Redis did not accept is not sent again',
    file: 'src/platform/pagination/list-response-cache.ts',
    find: `if (accepted || performance.now() > untilMs) this.pendingInvalidations.delete(key);
    else setTimeout(() => void (isLatest() && this.replaceVersion(key, untilMs)), PENDING_RETRY_MS).unref();`,
    replace: `this.pendingInvalidations.delete(key);
    if (untilMs < 0) setTimeout(() => void (isLatest() && this.replaceVersion(key, untilMs)), PENDING_RETRY_MS).unref();`,
    test: 'test/integration/payouts/kept-pages.int-spec.ts',
    title:
      'is not asked for while Redis is away, and a write that Redis did not hear of is told when it is back',
  },
];

'use strict';

module.exports = [
  {
    name: 'response-not-compared',
    what: 'a 2xx about another amount or payee counts as paid',
    file: 'src/modules/transfers/infrastructure/stripe/stripe-transfer-gateway.ts',
    find: `if (!matches)
      return { ...details, kind: 'mismatched', reason: 'answer_differs_from_request',
        created: transfer };`,
    replace: `if (!matches && transfer.amountMinor < 0n)
      return { ...details, kind: 'mismatched', reason: 'answer_differs_from_request',
        created: transfer };`,
    test: 'test/integration/transfers/provider-responses.int-spec.ts',
    title: 'after wrong_amount needs a review, and keeps the evidence and the reservation',
  },
  {
    name: 'attempt-after-the-call',
    what: 'a call is made before its attempt is written down',
    file: 'src/modules/transfers/application/claim-transfers.ts',
    find: 'if (calls.length) await this.transfers.openAttempts(tx, calls.map(attemptOf));',
    replace: '',
    test: 'test/integration/transfers/leases.int-spec.ts',
    title: "belongs to the last claim: an earlier worker's outcome other than success changes nothing",
  },
  {
    name: 'cancelled-while-ambiguous',
    what: 'a transfer is cancelled while a call is unknown',
    file: 'src/modules/transfers/domain/transfer.ts',
    find: `if (this.s.ambiguous || this.s.state === 'processing' || this.s.state === 'unknown')
      throw new TransferInFlight();`,
    replace: '',
    test: 'src/modules/transfers/domain/transfer.spec.ts',
    title: 'stays unknown when a 429 follows a timeout, and cannot be cancelled then',
  },
  {
    name: 'claims-wait-for-each-other',
    what: 'SKIP LOCKED is gone from the claim',
    file: 'src/modules/transfers/infrastructure/persistence/sql/lock-transfers.sql.ts',
    find: 'FOR UPDATE SKIP LOCKED`;',
    replace: 'FOR UPDATE`;',
    test: 'test/integration/transfers/leases.int-spec.ts',
    title: 'is taken by each worker for other transfers without waiting',
  },
  {
    name: 'destination-not-pinned',
    what: "a later call goes to today's destination under the old key",
    file: 'src/modules/transfers/domain/transfer.ts',
    find: 'if (!this.s.frozen) this.beginGeneration(claim.destination as string, claim.apiVersion);',
    replace: `if (!this.s.frozen) this.beginGeneration(claim.destination as string, claim.apiVersion);
    if (this.s.frozen && claim.destination) 
      this.s = { ...this.s, frozen: { ...this.s.frozen, destination: claim.destination } };`,
    test: 'src/modules/transfers/domain/transfer.spec.ts',
    title:
      'uses the same key and parameters for every call of a generation, also after the destination has changed',
  },
  {
    name: 'key-per-attempt',
    what: 'a new key at every claim',
    file: 'src/modules/transfers/domain/transfer.ts',
    find: 'if (!this.s.frozen) this.beginGeneration(claim.destination as string, claim.apiVersion);',
    replace: "this.beginGeneration(claim.destination ?? this.s.frozen?.destination ?? '', claim.apiVersion);",
    test: 'src/modules/transfers/domain/transfer.spec.ts',
    title:
      'uses the same key and parameters for every call of a generation, also after the destination has changed',
  },
  {
    name: 'late-success-takes-anothers-money',
    what: "a late success is paid from money that belongs to the recipient's other payouts",
    file: 'src/modules/transfers/application/transfer-effects.ts',
    find: 'const available = transfer.originEnded ? 0n : (left.get(keyOf(transfer)) as bigint);',
    replace: 'const available = (left.get(keyOf(transfer)) as bigint);',
    test: 'test/integration/payouts/flow.int-spec.ts',
    title: 'stays FAILED when a late success arrives and does not use the balance of another payout',
  },
  {
    name: 'reopened-while-ambiguous',
    what: 'a transfer is re-opened while a call is unknown',
    file: 'src/modules/transfers/domain/transfer.ts',
    find: 'if (this.s.ambiguous) throw new TransferInFlight();',
    replace: '',
    test: 'src/modules/transfers/domain/transfer.spec.ts',
    title: 'is re-opened under the next key, and only when no call is unknown',
  },
  {
    name: 'reset-not-fenced',
    what: 'a worker whose lease ran out resets the transfer of another',
    file: 'src/modules/transfers/application/record-outcomes.ts',
    find: "if (!ours || outcome.kind === 'succeeded') {",
    replace: "if (outcome.kind === 'succeeded') {",
    test: 'test/integration/transfers/leases.int-spec.ts',
    title: "belongs to the last claim: an earlier worker's outcome other than success changes nothing",
  },
  {
    name: 'server-error-is-a-failure',
    what: 'a 5xx is taken for a refusal',
    file: 'src/modules/transfers/infrastructure/stripe/classify-failure.ts',
    find: `if (status >= 500 || status === 424)
      return { ...rest, kind: 'unknown', reason: 'stripe_server_error',
        stored: status === 500 && !shouldRetry(failure), soon: false };`,
    replace:
      "if (status >= 500 || status === 424) return { ...rest, kind: 'rejected', reason: 'stripe_server_error' };",
    test: 'src/modules/transfers/infrastructure/stripe/classify-failure.spec.ts',
    title: 'takes 500 for an unknown effect',
  },
  {
    name: 'success-fenced',
    what: 'a success counts only while the lease is held',
    file: 'src/modules/transfers/application/record-outcomes.ts',
    find: `const ours = transfer.holdsLease(call.leaseToken);
    const proof = proofOf(outcome);`,
    replace: `const ours = transfer.holdsLease(call.leaseToken);
    const proof = ours ? proofOf(outcome) : null;`,
    test: 'test/integration/transfers/leases.int-spec.ts',
    title: 'is not required for a success, which counts from any worker and at any time',
  },
  {
    name: 'suspended-tenant-pays',
    what: 'transfers of a suspended tenant are claimed',
    file: 'src/modules/transfers/application/claim-transfers.ts',
    find: 'const mayPay = await this.tenancy.mayPay(tx);',
    replace: 'const mayPay = tenant !== railAccountId;',
    test: 'test/integration/transfers/suspended-tenant.int-spec.ts',
    title: 'has no unsent transfer claimed, and is not woken by the sweep',
  },
  {
    name: 'timeout-is-a-failure',
    what: 'a timeout is taken for a refusal',
    file: 'src/modules/transfers/infrastructure/stripe/classify-failure.ts',
    find: `return { ...rest, kind: 'unknown', reason: timedOut ? 'stripe_timeout' : 'stripe_connection_error',
        stored: false, soon: false };`,
    replace:
      "return { ...rest, kind: 'rejected', reason: timedOut ? 'stripe_timeout' : 'stripe_connection_error' };",
    test: 'src/modules/transfers/infrastructure/stripe/classify-failure.spec.ts',
    title: 'takes a timeout for an unknown effect',
  },
];

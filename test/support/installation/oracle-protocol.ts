import type { CallRecord } from '../../../src/simulator';
import { groupBy } from './group-by';
import type { AttemptFact, Facts, TransitionFact } from './oracle-facts';

export interface ProtocolTimes {
  readonly safeWindowMs: number;
  readonly quarantineMs: number;
  readonly callDeadlineMs: number;
}

/** PostgreSQL counts microseconds, the simulator's record milliseconds. */
const ROUNDING_MS = 1;
const FINAL = ['completed', 'cancelled'];

/**
 * docs/invariants.md M6, M7, F1, F2 and F3: the calls that were made, compared with what was written before
 * them.
 */
export function protocolViolations(facts: Facts, times: ProtocolTimes): string[] {
  const attempts = groupBy(facts.attempts, ({ transfer_id: id }) => id);
  const transitions = groupBy(facts.transitions, ({ transfer_id: id }) => id);
  return [
    ...facts.transfers.flatMap((transfer) => [
      ...numbering(transfer.id, transfer.attempts, attempts.get(transfer.id) ?? []),
      ...generations(transfer.id, attempts.get(transfer.id) ?? [], times),
      ...history(transfer.id, transfer.state, transitions.get(transfer.id) ?? []),
    ]),
    ...unannounced(facts),
    ...keys(facts, times),
  ];
}

function numbering(id: string, counted: number, attempts: readonly AttemptFact[]): string[] {
  const gaps = attempts.some((attempt, i) => attempt.number !== i + 1) || attempts.length !== counted;
  const open = attempts
    .filter(({ outcome, reason }) => outcome === null || !reason)
    .map(({ number }) => `ATTEMPTS: ${id} #${number} has no outcome or no reason`);
  return gaps
    ? [`ATTEMPTS: ${id} counts ${counted} and has ${attempts.map(({ number }) => number).join()}`, ...open]
    : open;
}

/** A further key only when the one before is proved to have moved nothing. */
function generations(
  id: string,
  attempts: readonly AttemptFact[],
  { quarantineMs }: ProtocolTimes,
): string[] {
  const of = groupBy(
    attempts.filter(({ key }) => !key.startsWith('operator:')),
    ({ generation }) => String(generation),
  );
  const last = Math.max(0, ...[...of.keys()].map(Number));
  return [...of].flatMap(([generation, calls]) => {
    if (Number(generation) === last) return [];
    const ended = calls.at(-1) as AttemptFact;
    if (ended.outcome === 'refused') return [];
    const sends = calls.filter(({ call_kind: kind }) => kind === 'send');
    const unexplained = sends.some(({ outcome }) =>
      ['unknown', 'abandoned', 'key_conflict'].includes(outcome ?? 'unknown'),
    );
    // What an abandoned call did last is not known: the engine assumes the end of its lease, the oracle its
    // beginning.
    const quietFrom =
      Math.max(
        ...sends.map((send) =>
          send.outcome === 'abandoned' ? at(send) : (send.finished_at?.getTime() ?? 0),
        ),
      ) + quarantineMs;
    const empty = calls.filter(
      ({ reason, finished_at: end }) =>
        reason === 'look_up_empty' && (end?.getTime() ?? 0) >= quietFrom - ROUNDING_MS,
    );
    const apart = empty.length > 1 && at(empty.at(-1)) - at(empty[0]) >= quarantineMs - ROUNDING_MS;
    const proved = ended.reason === 'look_up_empty' && (apart || !unexplained);
    return proved
      ? []
      : [`GENERATION: ${id} left generation ${generation} after ${calls.map(described).join(', ')}`];
  });
}

function described({ call_kind: kind, outcome, reason }: AttemptFact): string {
  return `${kind} ${outcome} (${reason})`;
}

/** A transition to processing has no row: the attempt records it. */
function history(id: string, state: string, transitions: readonly TransitionFact[]): string[] {
  const broken = transitions.filter(
    (step, i) =>
      step.from_state !== 'processing' && step.from_state !== (transitions[i - 1]?.to_state ?? 'pending'),
  );
  const left = transitions.filter(({ from_state: from }) => FINAL.includes(from));
  const end = transitions.at(-1)?.to_state ?? 'pending';
  return [
    ...broken.map((step) => `HISTORY: ${id} leaves ${step.from_state}, where it was not`),
    ...left.map((step) => `HISTORY: ${id} left ${step.from_state} for ${step.to_state}`),
    ...(end === state ? [] : [`HISTORY: ${id} is ${state}, its transitions end in ${end}`]),
  ];
}

/**
 * Every call has a row that was there before it. stripe-node's own repeat of a reset call is the same call
 * (`carried`).
 */
function unannounced(facts: Facts): string[] {
  const made = groupBy(
    facts.calls.filter(({ carried }) => !carried),
    whatOf,
  );
  const written = groupBy(facts.attempts, ({ call_kind: kind, key, transfer_id: id }) =>
    kind === 'send' ? `POST ${key}` : `GET disburse_${id}`,
  );
  return [...made].flatMap(([what, calls]) => {
    const starts = (written.get(what) ?? []).map(({ started_at: time }) => time.getTime() - ROUNDING_MS);
    return calls.flatMap((call, i) =>
      starts.filter((start) => start <= call.at_ms).length > i
        ? []
        : [`NOT ANNOUNCED: call ${i + 1} of ${what}, request ${call.request_id}`],
    );
  });
}

function keys(facts: Facts, { safeWindowMs, callDeadlineMs }: ProtocolTimes): string[] {
  const sent = groupBy(
    facts.calls.filter(({ method }) => method === 'POST'),
    ({ idempotency_key: key }) => key ?? '',
  );
  const announced = groupBy(
    facts.attempts.filter(({ call_kind: kind }) => kind === 'send'),
    ({ key }) => key,
  );
  const shared = [
    ...groupBy(
      facts.attempts.filter(({ call_kind: kind }) => kind === 'send'),
      (a) => `${a.transfer_id} ${a.generation}`,
    ),
  ]
    .filter(([, calls]) => new Set(calls.map(({ key }) => key)).size > 1)
    .map(([what]) => `KEY: ${what} was sent under several keys`);
  return [
    ...shared,
    ...[...sent].flatMap(([key, calls]) => {
      const first = Math.min(...(announced.get(key) ?? []).map((attempt) => at(attempt)));
      const late = calls.filter((call) => call.at_ms - first > safeWindowMs + callDeadlineMs);
      const changed = new Set(calls.map(({ params_hash: hash }) => hash)).size > 1;
      return [
        ...(changed ? [`KEY: ${key} was sent with other parameters`] : []),
        ...late.map((call) => `KEY: ${key} was sent ${call.at_ms - first} ms after its first call`),
      ];
    }),
  ];
}

function whatOf(call: CallRecord): string {
  return call.method === 'POST'
    ? `POST ${call.idempotency_key}`
    : `GET ${new URLSearchParams(call.query).get('transfer_group')}`;
}

function at(attempt: AttemptFact | undefined): number {
  return attempt?.started_at.getTime() ?? 0;
}

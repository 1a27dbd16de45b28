import * as fc from 'fast-check';
import type { ProviderCallOutcome } from './call-outcome';
import {
  claimCall,
  endGeneration,
  holdsLease,
  isLeased,
  type ProviderCall,
  type ProviderCallPolicy,
  recordEmptyLookUp,
  recordOutcome,
  recordSuccess,
  sendBefore,
  UNSENT,
} from './provider-call';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KEY_REMEMBERED_MS = 24 * HOUR;
const policy: ProviderCallPolicy = {
  safeWindowMs: 23 * HOUR,
  quarantineMs: 10 * MINUTE,
  leaseMs: 75_000,
  callDeadlineMs: 30_000,
};
const details = { reason: 'reason', httpStatus: null, providerCode: null, providerRequestId: null };

type Outcome = ProviderCallOutcome<string>;
type Stored = 'effect' | 'refused' | 'error' | 'error_after_effect';
const STORED: readonly Stored[] = ['effect', 'refused', 'error', 'error_after_effect'];
const BEFORE_THE_LAYER = ['rejected', 'no_effect', 'misconfigured', 'key_conflict', 'lost_request'] as const;

const often = <T>(usual: T, other: fc.Arbitrary<T>) => fc.oneof(fc.constant(usual), other);
/** Below a quarantine, with its bounds more often than by chance. */
const BELOW_QUARANTINE = fc.oneof(
  fc.constantFrom(0, policy.quarantineMs - 1),
  fc.integer({ min: 0, max: policy.quarantineMs - 1 }),
);

interface World {
  readonly waitMs: fc.Arbitrary<number>;
  readonly pausedMs: fc.Arbitrary<number>;
  readonly send: fc.Arbitrary<Stored | (typeof BEFORE_THE_LAYER)[number]>;
  readonly responseIsLost: fc.Arbitrary<boolean>;
}

const SHORT_WAIT = fc.constantFrom(0, MINUTE, policy.leaseMs, policy.quarantineMs);
const LATEST_START_MS = policy.leaseMs - policy.callDeadlineMs - 1;

const WORLDS: readonly World[] = [
  {
    waitMs: fc.oneof(SHORT_WAIT, fc.integer({ min: 0, max: 12 * HOUR })),
    pausedMs: often(0, fc.integer({ min: 0, max: 3 * policy.leaseMs })),
    send: fc.constantFrom(...STORED, ...BEFORE_THE_LAYER),
    responseIsLost: fc.boolean(),
  },
  // The provider stores errors, so the key is looked up soon after an effect.
  {
    waitMs: SHORT_WAIT,
    pausedMs: fc.constantFrom(0, LATEST_START_MS),
    send: fc.constantFrom('error', 'error_after_effect'),
    responseIsLost: fc.constant(false),
  },
  // No response arrives, so the key is sent again until its safe window ends.
  {
    waitMs: fc.oneof(SHORT_WAIT, fc.constant(policy.safeWindowMs - 2 * policy.leaseMs)),
    pausedMs: fc.constantFrom(0, LATEST_START_MS, 2 * HOUR),
    send: fc.constantFrom('effect', 'lost_request'),
    responseIsLost: fc.constant(true),
  },
];

/** One attempt of a worker, and what goes wrong with it. */
const stepIn = (world: World) =>
  fc.record({
    ...world,
    onTheWayMs: fc.constantFrom(0, policy.callDeadlineMs),
    lookUpFails: often(false, fc.boolean()),
    /** An effect is visible in lists after `lagMs`, and a list may be as old as `staleMs`. */
    lagMs: BELOW_QUARANTINE,
    staleMs: BELOW_QUARANTINE,
    /** When the worker records the outcome: at once, after another worker had its step, or never. */
    records: often('now', fc.constantFrom('now', 'late', 'never')),
  });
type Step = ReturnType<typeof stepIn> extends fc.Arbitrary<infer T> ? T : never;

/** A provider that stores the first response under each key, forgets it after a day, and lists with a delay. */
class Provider {
  readonly effects: { readonly key: string; readonly visibleAt: number }[] = [];
  private readonly stored = new Map<string, { readonly at: number; readonly response: Stored }>();

  receive(key: string, step: Step, now: number): Outcome {
    const response = this.respond(key, step, now);
    if (!step.responseIsLost || !isStored(step.send)) return response;
    return { ...details, kind: 'unknown', stored: false, soon: false };
  }

  list(now: number, staleMs: number): string[] {
    return this.effects.filter(({ visibleAt }) => visibleAt <= now - staleMs).map(({ key }) => key);
  }

  private respond(key: string, { send, lagMs }: Step, now: number): Outcome {
    if (send === 'lost_request') return { ...details, kind: 'unknown', stored: false, soon: false };
    if (!isStored(send)) return { ...details, kind: send };
    const earlier = this.stored.get(key);
    const response = earlier && now - earlier.at < KEY_REMEMBERED_MS ? earlier.response : send;
    if (response === send && (!earlier || now - earlier.at >= KEY_REMEMBERED_MS)) {
      this.stored.set(key, { at: now, response });
      if (send !== 'refused' && send !== 'error') this.effects.push({ key, visibleAt: now + lagMs });
    }
    if (response === 'effect') return { ...details, kind: 'succeeded', created: key };
    if (response === 'refused') return { ...details, kind: 'refused' };
    return { ...details, kind: 'unknown', stored: true, soon: false };
  }
}

/** An owner of calls that begins the next generation as soon as the rules allow it. */
class Owner {
  done = false;
  private call: ProviderCall = UNSENT;
  private generation = 1;
  private leases = 0;
  private late: (() => void) | null = null;

  constructor(
    private readonly provider: Provider,
    private now: number,
  ) {}

  step(step: Step): void {
    this.now += step.waitMs;
    const late = this.late;
    this.late = null;
    if (!isLeased(this.call, new Date(this.now))) this.attempt(step);
    late?.();
  }

  private attempt(step: Step): void {
    const lease = `lease-${++this.leases}`;
    this.call = claimCall(this.call, lease, new Date(this.now), policy);
    const outcome = this.makeCall(step);
    if (step.records === 'now') this.record(lease, outcome);
    if (step.records === 'late') this.late = () => this.record(lease, outcome);
  }

  private makeCall(step: Step): Outcome {
    const startsAt = this.now + step.pausedMs;
    if (startsAt >= sendBefore(this.call, policy).getTime()) return { ...details, kind: 'no_effect' };
    const arrivesAt = startsAt + step.onTheWayMs;
    if (step.records === 'now') this.now = arrivesAt;
    if (this.call.callKind === 'send') return this.provider.receive(`g${this.generation}`, step, arrivesAt);
    if (step.lookUpFails) return { ...details, kind: 'look_up_failed' };
    return { ...details, kind: 'found', found: this.provider.list(arrivesAt, step.staleMs) };
  }

  private record(lease: string, outcome: Outcome): void {
    const proved = outcome.kind === 'succeeded' || (outcome.kind === 'found' && outcome.found.length > 0);
    if (proved) {
      this.done = true;
      this.call = recordSuccess(this.call);
    }
    if (this.done || !holdsLease(this.call, lease)) return;
    const now = new Date(this.now);
    this.call = recordOutcome(this.call, outcome, now);
    if (outcome.kind === 'found') this.call = recordEmptyLookUp(this.call, now, policy);
    const ends = outcome.kind === 'refused' || outcome.kind === 'rejected' || outcome.kind === 'found';
    if (ends && !this.call.ambiguous) this.beginGeneration();
  }

  private beginGeneration(): void {
    this.call = endGeneration(this.call);
    this.generation += 1;
  }
}

function isStored(send: Step['send']): send is Stored {
  return (STORED as readonly string[]).includes(send);
}

const stepsIn = (world: World) => fc.array(stepIn(world), { minLength: 1, maxLength: 40, size: 'max' });

describe('provider calls', () => {
  it('have at most one effect, whatever is lost, late, stale or forgotten', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WORLDS).chain(stepsIn), (steps) => {
        const provider = new Provider();
        const owner = new Owner(provider, Date.UTC(2026, 10, 20));
        for (const step of steps) {
          if (owner.done) break;
          owner.step(step);
          expect(provider.effects.length).toBeLessThanOrEqual(1);
        }
        if (owner.done) expect(provider.effects).toHaveLength(1);
      }),
      { numRuns: 2_000 },
    );
  });
});

import { uniform } from '../wire/hash';
import { appliesTo, fits, wildcard } from './fault-match';
import type { FaultSubject, ScriptLine } from './fault-match';
import { ALL_FAULT_KINDS, DEFAULT_MIX_CALLS, FAULT_KINDS } from './kinds';
import type { FaultDirective, FaultKind, FaultMix, FaultOptions } from './kinds';

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly carried: boolean;
  readonly options: FaultOptions;
}

interface ActiveMix {
  readonly mix: FaultMix;
  readonly calls: readonly RegExp[];
  readonly kinds: readonly FaultKind[];
  readonly endsAtMs: number;
  readonly applied: Map<FaultKind, number>;
}

/** These look to stripe-node like a stale connection, which it repeats once by itself. */
const REPEATED_BY_CLIENT: ReadonlySet<FaultKind> = new Set<FaultKind>(['lose_request', 'lose_answer']);

/** Keys that stripe-node generates when it is given none: new for every call, so no seed can reproduce them. */
const RANDOM_KEY = 'stripe-node-retry-';

function checkMix(mix: FaultMix): void {
  const rates = Object.entries(mix.rates);
  for (const [kind, rate] of rates) {
    if (!(kind in FAULT_KINDS)) throw new RangeError(`unknown fault: ${kind}`);
    if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))
      throw new RangeError(`the rate of ${kind} must be from 0 to 1`);
  }
  if (rates.reduce((sum, [, rate]) => sum + rate, 0) > 1.000001)
    throw new RangeError('the rates of a mix add up to more than 1');
}

export class FaultPlan {
  private script: ScriptLine[] = [];
  private active: ActiveMix | null = null;
  private readonly calls = new Map<string, number>();
  private readonly carry = new Map<string, PlannedFault>();

  setMix(mix: FaultMix): void {
    checkMix(mix);
    this.calls.clear();
    this.active = {
      mix,
      calls: (mix.calls ?? DEFAULT_MIX_CALLS).map(wildcard),
      kinds: ALL_FAULT_KINDS.filter((kind) => (mix.rates[kind] ?? 0) > 0),
      endsAtMs: mix.until_ms === undefined ? Infinity : Date.now() + mix.until_ms,
      applied: new Map(),
    };
  }

  addToScript(directives: readonly FaultDirective[]): void {
    for (const directive of directives) {
      if (!(directive.kind in FAULT_KINDS)) throw new RangeError(`unknown fault: ${directive.kind}`);
      const path = directive.match?.path;
      this.script.push({
        directive,
        path: path === undefined ? null : wildcard(path),
        seen: 0,
        left: directive.times ?? 1,
      });
    }
  }

  stop(): void {
    this.script = [];
    this.active = null;
    this.carry.clear();
    this.calls.clear();
  }

  describe(): { mix: FaultMix | null; script: readonly (FaultDirective & { left: number })[] } {
    return {
      mix: this.active?.mix ?? null,
      script: this.script.map((line) => ({ ...line.directive, left: line.left })),
    };
  }

  get isIdle(): boolean {
    return this.active === null && this.script.length === 0 && this.carry.size === 0;
  }

  /**
   * `nth` counts the calls with one idempotency key, so that the faults of a transfer do not depend on others.
   */
  decide(subject: FaultSubject): { fault: PlannedFault | null; nth: number } {
    const key = subject.idempotencyKey;
    const call = `${subject.method} ${subject.path}?${subject.query}`;
    const own = key === null || key.startsWith(RANDOM_KEY) ? call : key;
    const counted = `${subject.platform}|${own}`;
    const nth = (this.calls.get(counted) ?? 0) + 1;
    this.calls.set(counted, nth);
    const place = `${subject.platform}|${key ?? call}`;
    const carried = this.carry.get(place);
    if (carried !== undefined) {
      this.carry.delete(place);
      return { fault: { ...carried, carried: true }, nth };
    }
    const fault = this.fromScript(subject) ?? this.fromMix(subject, own, nth);
    if (fault !== null && REPEATED_BY_CLIENT.has(fault.kind) && fault.options.once !== true)
      this.carry.set(place, fault);
    return { fault, nth };
  }

  private fromScript(subject: FaultSubject): PlannedFault | null {
    for (const line of this.script) {
      if (!fits(line, subject)) continue;
      line.seen += 1;
      const nth = line.directive.match?.nth;
      if (nth !== undefined && line.seen < nth) continue;
      line.left -= 1;
      if (line.left === 0) this.script = this.script.filter((other) => other !== line);
      return { kind: line.directive.kind, carried: false, options: line.directive };
    }
    return null;
  }

  private fromMix(subject: FaultSubject, own: string, nth: number): PlannedFault | null {
    const active = this.active;
    if (active === null || Date.now() > active.endsAtMs) return null;
    if (active.mix.platform !== undefined && active.mix.platform !== subject.platform) return null;
    const call = `${subject.method} ${subject.path}`;
    if (!active.calls.some((pattern) => pattern.test(call))) return null;
    let left = uniform(`${active.mix.seed}|${own}|${nth}`);
    for (const kind of active.kinds) {
      left -= active.mix.rates[kind] ?? 0;
      // Every kind keeps its own part of the range, so that leaving one out makes no other more frequent.
      if (left < 0) return appliesTo(kind, subject) ? this.faultOfMix(active, kind) : null;
    }
    return null;
  }

  private faultOfMix(active: ActiveMix, kind: FaultKind): PlannedFault | null {
    const applied = active.applied.get(kind) ?? 0;
    if (applied >= (active.mix.max?.[kind] ?? Infinity)) return null;
    active.applied.set(kind, applied + 1);
    return { kind, carried: false, options: active.mix };
  }
}

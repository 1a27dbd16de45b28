import { FAULT_KINDS } from './kinds';
import type { FaultDirective, FaultKind, FaultMatch } from './kinds';
import type { Metadata } from '../wire/metadata';

/** What a fault can be chosen by. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly platform: string;
  readonly idempotencyKey: string | null;
  readonly transferGroup: string | null;
  readonly destination: string | null;
  readonly metadata: Metadata | null;
  readonly isList: boolean;
  /** The key has been used: this call can have no effect. */
  readonly isRepeat: boolean;
}

export interface ScriptLine {
  readonly directive: FaultDirective;
  readonly path: RegExp | null;
  seen: number;
  left: number;
}

export function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
}

/** Faults of the effect itself: they do not apply to a call that can have no effect. */
const OF_THE_EFFECT: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'error_500_without_effect',
  'error_500_with_effect',
  'conflict',
]);

export function appliesTo(kind: FaultKind, subject: FaultSubject): boolean {
  if (subject.isRepeat && OF_THE_EFFECT.has(kind)) return false;
  const on = FAULT_KINDS[kind].on;
  return on === 'any' || (on === 'post' ? subject.method === 'POST' : subject.isList);
}

export function fits(line: ScriptLine, subject: FaultSubject): boolean {
  if (!appliesTo(line.directive.kind, subject)) return false;
  if (line.path !== null && !line.path.test(subject.path)) return false;
  const match: FaultMatch = line.directive.match ?? {};
  const wanted: [string | undefined, string | null][] = [
    [match.method, subject.method],
    [match.platform, subject.platform],
    [match.idempotency_key, subject.idempotencyKey],
    [match.transfer_group, subject.transferGroup],
    [match.destination, subject.destination],
  ];
  if (wanted.some(([want, have]) => want !== undefined && want !== have)) return false;
  return Object.entries(match.metadata ?? {}).every(([key, value]) => subject.metadata?.[key] === value);
}

import { setTimeout as delay } from 'node:timers/promises';

/**
 * The steps at which a test may stop the world (docs/adr/0009). `recording`, `expanding`, `claiming` and
 * `recording_outcome` stand inside a transaction, just before its commit; the others stand outside of any.
 */
export const FAILPOINTS = [
  'recording',
  'expanding',
  'expanded',
  'claiming',
  'claimed',
  'sent',
  'effect',
  'recording_outcome',
  'recorded',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

type Action =
  { readonly kind: 'crash' } | { readonly kind: 'throw' } | { readonly kind: 'sleep'; readonly ms: number };
interface Armed {
  readonly action: Action;
  /** How many more times it passes before it acts. */
  passes: number;
  /** How many times it acts. */
  left: number;
}

const SYNTAX = /^(crash|throw|sleep:(\d+))@([a-z_]+)(?:\+(\d+))?(?:\*(\d+))?$/;

/**
 * FAILPOINTS="crash@effect+3,sleep:2000@sent*1": the action, the step, how many times it passes first, how
 * often it acts. Without the variable, and always in production, reaching one does nothing.
 */
export function parseFailpoints(text: string): Map<Failpoint, Armed> {
  const armed = new Map<Failpoint, Armed>();
  for (const part of text.split(',').filter(Boolean)) {
    const [, action, ms, step, passes, left] = SYNTAX.exec(part) ?? [];
    if (!action || !FAILPOINTS.includes(step as Failpoint))
      throw new Error(`FAILPOINTS: "${part}" is not understood`);
    const kind = action.startsWith('sleep')
      ? { kind: 'sleep' as const, ms: Number(ms) }
      : { kind: action as 'crash' | 'throw' };
    armed.set(step as Failpoint, {
      action: kind,
      passes: Number(passes ?? 0),
      left: Number(left ?? Number.MAX_SAFE_INTEGER),
    });
  }
  return armed;
}

const armed =
  process.env['NODE_ENV'] === 'production'
    ? new Map<Failpoint, Armed>()
    : parseFailpoints(process.env['FAILPOINTS'] ?? '');

/** Marks a step. A crash is SIGKILL, so that nothing gets the chance to tidy up. */
export async function failpoint(step: Failpoint): Promise<void> {
  const point = armed.get(step);
  if (!point) return;
  if (point.passes-- > 0 || point.left-- <= 0) return;
  if (point.action.kind === 'sleep') await delay(point.action.ms);
  if (point.action.kind === 'throw') throw new Error(`failpoint ${step}`);
  if (point.action.kind === 'crash') process.kill(process.pid, 'SIGKILL');
}

import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a condition holds. The pause between two looks is no assumption about time. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`this did not come to hold in ${timeoutMs} ms: ${holds.toString()}`);
    await delay(5);
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The error: half the distance between the worst and the best run, in percent of the median. */
export function spreadPercent(values) {
  return Math.round((50 * (Math.max(...values) - Math.min(...values))) / median(values));
}

/** 12,345 or 12.3 or 0.123: a shared machine measures no more than three digits. */
export function shown(value) {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/**
 * Runs `ours` and `reference` in turn, and begins with the other one each time: what the machine does
 * meanwhile, and what the first leaves behind for the second, meets both. Each returns a number, higher is
 * better. The ratio is the median of the runs' ratios, because the two halves of a run met the same machine.
 */
export async function alternated(runs, ours, reference) {
  const pairs = [];
  for (let run = 0; run < runs; run += 1) {
    const pair = {};
    const halves = [
      ['ours', ours],
      ['reference', reference],
    ];
    for (const [name, half] of run % 2 ? halves.reverse() : halves) pair[name] = await half(run);
    pairs.push(pair);
  }
  const column = (name) => pairs.map((pair) => pair[name]);
  const ratios = pairs.map((pair) => pair.ours / pair.reference);
  return {
    ours: median(column('ours')),
    reference: median(column('reference')),
    ratio: median(ratios),
    spread_percent: spreadPercent(ratios),
    runs: pairs,
  };
}

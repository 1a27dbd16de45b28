import { shown } from './numbers.mjs';

const HEAD = ['measure', 'against', 'ours', 'reference', 'ratio', '±%', 'bar', 'goal', '', 'load'];
const TEXT_COLUMNS = 2;

/** As Markdown. */
export function table(rows) {
  const cells = rows.map((row) => [
    row.title,
    row.against,
    `${shown(row.ours)} ${row.unit}`,
    `${shown(row.reference)} ${row.unit}`,
    shown(row.ratio),
    shown(row.spread_percent ?? null),
    shown(row.bar),
    shown(row.goal),
    verdict(row),
    row.load.join(' → '),
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...cells.map((line) => line[column].length)),
  );
  const padded = (value, column) =>
    column < TEXT_COLUMNS ? value.padEnd(widths[column]) : value.padStart(widths[column]);
  const line = (values) => `| ${values.map(padded).join(' | ')} |`;
  const ruled = (width, column) => (column < TEXT_COLUMNS ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`);
  const rule = `| ${widths.map(ruled).join(' | ')} |`;
  const notes = rows.flatMap((row) => (row.notes ?? []).map((note) => `- ${row.measure}: ${note}`));
  return [line(HEAD), rule, ...cells.map(line), '', ...notes].join('\n');
}

function verdict({ ratio, bar, goal, lowerIsBetter }) {
  const reaches = (wanted) => (lowerIsBetter ? ratio <= wanted : ratio >= wanted);
  if (reaches(goal)) return 'goal';
  return reaches(bar) ? 'bar' : 'below';
}

'use strict';

/**
 * How many retired words (test/architecture/retired-words.cjs) are left, and where:
 *   node scripts/retired-words.cjs                     a table: word and folder
 *   node scripts/retired-words.cjs <word> [<folder>]   each occurrence; `all` for every word
 *   node scripts/retired-words.cjs --at <commit>       the table of another commit
 *   node scripts/retired-words.cjs --baseline          lowers test/architecture/retired-words-baseline.json
 */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { PROJECT } = require('./lib/places.cjs');
const { checkedFiles, countsOf, isChecked, occurrencesIn } = require('./lib/retired-words.cjs');
const LIST = require('../test/architecture/retired-words.cjs');

function main([first, second]) {
  const files = first === '--at' ? filesOf(second) : checkedFiles(PROJECT);
  const occurrences = files.flatMap((file) => occurrencesIn(file, LIST));
  if (first === '--baseline') return lowerBaseline(countsOf(occurrences));
  const lines =
    first && first !== '--at'
      ? occurrences
          .filter((one) => (first === 'all' || one.entry === first) && one.path.startsWith(second ?? ''))
          .map((one) => `${one.path}:${one.line}: ${one.found} (${one.entry})`)
      : tableOf(countsOf(occurrences));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function filesOf(commit) {
  const git = (...args) => execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8', maxBuffer: 2 ** 30 });
  return git('ls-tree', '-r', '--name-only', commit)
    .split('\n')
    .filter((file) => file !== '' && isChecked(file))
    .map((file) => ({ path: file, text: git('show', `${commit}:${file}`) }));
}

/** Numbers only go down; `--baseline` on a first run writes what is there. */
function lowerBaseline(counts) {
  const file = path.join(PROJECT, 'test/architecture/retired-words-baseline.json');
  const before = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : counts;
  const lowered = Object.entries(before).flatMap(([entry, folders]) => {
    const row = Object.entries(folders)
      .map(([folder, number]) => [folder, Math.min(number, counts[entry]?.[folder] ?? 0)])
      .filter(([, number]) => number > 0);
    return row.length > 0 ? [[entry, Object.fromEntries(row)]] : [];
  });
  fs.writeFileSync(file, `${JSON.stringify(Object.fromEntries(lowered), null, 2)}\n`);
}

function tableOf(counts) {
  const folders = [...new Set(Object.values(counts).flatMap((row) => Object.keys(row)))].sort();
  const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);
  const rows = Object.entries(counts)
    .map(([entry, row]) => [entry, ...folders.map((folder) => row[folder]), sum(Object.values(row))])
    .sort((a, b) => b.at(-1) - a.at(-1));
  const totals = ['total', ...[...folders, ''].map((_, index) => sum(rows.map((row) => row[index + 1])))];
  return [['word', ...folders, 'total'], ...rows, totals].map((row) =>
    row
      .map((cell, index) => (index === 0 ? String(cell).padEnd(24) : String(cell ?? '').padStart(9)))
      .join(''),
  );
}

main(process.argv.slice(2));

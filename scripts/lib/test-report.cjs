'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { KINDS } = require('./kinds.cjs');
const { PROJECT } = require('./places.cjs');

/**
 * Adds up what Jest wrote, by kind. A file that fails before its tests run counts as one failure: Jest itself
 * would count none, and a suite that does not compile must not look like a suite without tests.
 */
function summarise(results) {
  const kinds = new Map(
    KINDS.map(({ kind }) => [kind, { files: 0, passed: 0, failed: 0, skipped: 0, seconds: 0 }]),
  );
  for (const file of results.testResults) {
    const row = kinds.get(kindOf(path.relative(PROJECT, file.name)));
    row.files += 1;
    row.seconds += Math.max(0, file.endTime - file.startTime) / 1000 || 0;
    for (const { status } of file.assertionResults) row[statusColumn(status)] += 1;
    const blamed = file.assertionResults.some(({ status }) => status === 'failed');
    if (file.status === 'failed' && !blamed) row.failed += 1;
  }
  return kinds;
}

/** The longest folder wins, and everything that is not under test/ stands beside the code. */
function kindOf(file) {
  return KINDS.find(({ folder }) => file.startsWith(`${folder}${path.sep}`)).kind;
}

function statusColumn(status) {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped';
}

function total(kinds, column) {
  return [...kinds.values()].reduce((sum, row) => sum + row[column], 0);
}

/** Kinds that have a folder but ran nothing: in a whole run that is a broken glob, not a success. */
function silentKinds(kinds) {
  return KINDS.filter(
    ({ kind, folder }) => kinds.get(kind).files === 0 && fs.existsSync(path.join(PROJECT, folder)),
  ).map(({ kind }) => kind);
}

function table(kinds) {
  const lines = [
    `${'kind'.padEnd(14)}${['files', 'passed', 'failed', 'skipped', 'seconds'].map((head) => head.padStart(9)).join('')}`,
  ];
  for (const [kind, row] of kinds) {
    if (row.files === 0) continue;
    const cells = [row.files, row.passed, row.failed, row.skipped, row.seconds.toFixed(1)];
    lines.push(`${kind.padEnd(14)}${cells.map((cell) => String(cell).padStart(9)).join('')}`);
  }
  return lines.join('\n');
}

/**
 * The line that closes a run; continuous integration reads it. What went wrong outside of a test counts as
 * failed too.
 */
function closingLine(kinds, failedBesides) {
  const skipped = total(kinds, 'skipped');
  return `${total(kinds, 'passed')} passed, ${total(kinds, 'failed') + failedBesides} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

module.exports = { closingLine, silentKinds, summarise, table, total };

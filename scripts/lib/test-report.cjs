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

/** The longest folder that matches; tests that are not under test/ are beside the code. */
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
  const line = (head, cells) => `${head.padEnd(14)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
  const lines = [line('kind', ['files', 'passed', 'failed', 'skipped', 'seconds'])];
  for (const [kind, { files, passed, failed, skipped, seconds }] of kinds) {
    if (files > 0) lines.push(line(kind, [files, passed, failed, skipped, seconds.toFixed(1)]));
  }
  return lines.join('\n');
}

/**
 * The last line of a run, which continuous integration reads. Failures outside of a test count as failed too.
 */
function closingLine(kinds, failedBesides) {
  const skipped = total(kinds, 'skipped');
  const failed = total(kinds, 'failed') + failedBesides;
  return `${total(kinds, 'passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

module.exports = { closingLine, silentKinds, summarise, table, total };

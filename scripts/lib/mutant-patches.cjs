'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { PROJECT } = require('./places.cjs');

const FOLDER = path.join(PROJECT, 'mutants');

/** Every mutant by name, with what the lines above its patch say: what breaks, and which test of which file must notice. */
function readMutants() {
  return fs
    .readdirSync(FOLDER)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => readMutant(path.join(FOLDER, file)));
}

function readMutant(file) {
  const text = fs.readFileSync(file, 'utf8');
  const said = (pattern, what) => {
    const value = pattern.exec(text)?.[1];
    if (!value) throw new Error(`${path.relative(PROJECT, file)} does not say "${what}".`);
    return value;
  };
  return {
    name: path.basename(file, '.patch'),
    file,
    what: said(/^What: (.+)$/m, 'What: …'),
    test: said(/^Test: (.+)$/m, 'Test: …'),
    title: said(/^Name: (.+)$/m, 'Name: …'),
    changed: said(/^\+\+\+ b\/(\S+)$/m, '+++ b/…'),
  };
}

module.exports = { readMutants };

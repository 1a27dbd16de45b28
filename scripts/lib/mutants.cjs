'use strict';

/**
 * The register of mutants: mutants/<module>.cjs lists { name, what, file, find, replace, test, title }. `find`
 * must match `file` exactly once. It is compared token by token: white space, line breaks and trailing commas do
 * not count, so that a formatter cannot break an entry.
 */
const fs = require('node:fs');
const path = require('node:path');
const { PROJECT } = require('./places.cjs');

const FOLDER = path.join(PROJECT, 'mutants');
const FIELDS = ['name', 'what', 'file', 'find', 'replace', 'test', 'title'];

/**
 * Returns every mutant of the register, in the order of the names.
 * Throws an Error that lists every entry with a missing or unknown field, and every name that occurs twice.
 */
function readMutants() {
  const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.cjs'));
  const mutants = files.flatMap((file) =>
    require(path.join(FOLDER, file)).map((mutant) => ({ ...mutant, register: `mutants/${file}` })),
  );
  const problems = problemsOf(mutants);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return mutants.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function problemsOf(mutants) {
  const names = mutants.map(({ name }) => name);
  return mutants.flatMap(({ register, ...mutant }, index) => [
    ...FIELDS.filter(
      (field) => typeof mutant[field] !== 'string' || (mutant[field] === '' && field !== 'replace'),
    ).map((field) => `${register}: ${mutant.name ?? `entry ${index + 1}`} has no ${field}`),
    ...Object.keys(mutant)
      .filter((field) => !FIELDS.includes(field))
      .map((field) => `${register}: ${mutant.name} has an unknown field ${field}`),
    ...(names.indexOf(mutant.name) < index ? [`${register}: ${mutant.name} occurs twice`] : []),
  ]);
}

/**
 * Returns `text` with the one match of `find` replaced. Throws an Error when there is no match, or more than
 * one.
 */
function applyMutant(text, { name, file, find, replace }) {
  const matches = [...text.matchAll(patternOf(find))];
  if (matches.length !== 1)
    throw new Error(`${name}: "find" matches ${file} ${matches.length} times instead of once`);
  const [match] = matches;
  return text.slice(0, match.index) + replace + text.slice(match.index + match[0].length);
}

function patternOf(find) {
  const tokens = find.replace(/,(?=\s*[)\]}])/g, '').match(/\w+|[^\s\w]/g);
  const isWord = (token) => /\w/.test(token);
  const source = tokens.map((token, index) => {
    if (index === 0) return isWord(token) ? `\\b${token}` : escape(token);
    const isWordPair = isWord(tokens[index - 1]) && isWord(token);
    const gap = isWordPair ? '\\s+' : /[)\]}]/.test(token) ? '\\s*,?\\s*' : '\\s*';
    return gap + escape(token);
  });
  return new RegExp(source.join('') + (isWord(tokens.at(-1)) ? '\\b' : ''), 'g');
}

function escape(token) {
  return token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

module.exports = { applyMutant, readMutants };

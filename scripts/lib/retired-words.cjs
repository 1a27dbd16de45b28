'use strict';

/** Finds the words of test/architecture/retired-words.cjs; the form of its entries is described there. */
const fs = require('node:fs');
const path = require('node:path');
const { partsOf } = require('./source-parts.cjs');

const FOLDERS = ['.ci', '.github', 'bench', 'docs', 'mutants', 'scripts', 'src', 'test'];
const IN_ROOT = /\.(?:md|js|mjs)$|^(?:Dockerfile|docker-compose\.yml|\.env\.example|package\.json)$/;
/** Results of measurements, and nothing that is written by hand. */
const GENERATED = /^bench\/results\//;
/** The list itself, and the test with samples of it. */
const LIST = /^test\/architecture\/retired-words[.a-z-]*$/;

function isChecked(file) {
  if (LIST.test(file) || GENERATED.test(file)) return false;
  return file.includes('/') ? FOLDERS.includes(file.split('/')[0]) : IN_ROOT.test(file);
}

/** The files of the project that are checked, as { path, text }. */
function checkedFiles(project) {
  const inRoot = fs.readdirSync(project, { withFileTypes: true }).filter((entry) => entry.isFile());
  const inFolders = FOLDERS.filter((folder) => fs.existsSync(path.join(project, folder))).flatMap((folder) =>
    fs
      .readdirSync(path.join(project, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(path.relative(project, entry.parentPath), entry.name)),
  );
  return [...inRoot.map(({ name }) => name), ...inFolders]
    .map((file) => file.replaceAll('\\', '/'))
    .filter(isChecked)
    .map((file) => ({ path: file, text: fs.readFileSync(path.join(project, file), 'utf8') }));
}

/** What an entry is called: its phrase, or its first word or name. */
function titleOf({ phrase, words, names }) {
  return phrase ?? (words ?? names)[0];
}

/** Every occurrence of an entry of `list` in a file, as { entry, path, line, found }. Line 0 is the file's name. */
function occurrencesIn({ path: file, text }, list) {
  const parts = [{ kind: 'path', text: file, offset: 0 }, ...partsOf(file, text)];
  return list
    .filter((entry) => mayOccur(entry, `${file}\n${text}`))
    .flatMap((entry) => {
      const exceptions = (entry.except ?? []).filter(
        ({ files }) => !files || files.some((glob) => isIn(glob, file)),
      );
      if (exceptions.some((exception) => !exception.text)) return [];
      return parts.flatMap(({ kind, text: part, offset }) =>
        matchesIn(masked(part, exceptions), kind, entry).map((match) => ({
          entry: titleOf(entry),
          path: file,
          line: kind === 'path' ? 0 : text.slice(0, offset + match.index).split('\n').length,
          found: match[0].replace(/\s+/g, ' '),
        })),
      );
    });
}

/** A quick look at the whole file. Phrases are left out: in a comment they may go on after the mark of a line. */
function mayOccur({ words, names }, text) {
  if (words) return text.search(wordsPattern(words)) >= 0;
  return !names || text.search(namesPattern(names, 'name')) >= 0;
}

function matchesIn(part, kind, { words, only, names, match }) {
  if (match) return kind === 'text' ? [...part.matchAll(withBlanks(match))] : [];
  if (names) return [...part.matchAll(namesPattern(names, kind))];
  const found = [...part.matchAll(wordsPattern(words))];
  return only === 'names' && kind === 'text' ? found.filter((word) => isInCompound(part, word)) : found;
}

function patternBy(sourcesOf) {
  return remembered(
    (list, kind) => new RegExp(sourcesOf(list, kind).join('|') || '(?!)', 'g'),
    (list, kind) => `${list.join()} ${kind}`,
  );
}

/** Patterns are made once. */
function remembered(make, keyOf) {
  const values = new Map();
  return (...args) => {
    const key = keyOf(...args);
    if (!values.has(key)) values.set(key, make(...args));
    return values.get(key);
  };
}

/** The words on their own and as parts of names: `lost`, `isLost`, `LostKeys`, `lost_until`, `LOST`. */
const wordsPattern = patternBy((words) =>
  words.flatMap((word) => [
    `(?<![A-Za-z])${word}(?![a-z])`,
    `${capitalized(word)}(?![a-z])`,
    `(?<![A-Za-z])${word.toUpperCase()}(?![A-Za-z])`,
  ]),
);

/** The names in each way to write them: `OldPages`, `oldPages`, `old_pages`, `OLD_PAGES`, `old-pages`. */
const namesPattern = patternBy((names, kind) =>
  names.flatMap((name) => {
    const parts = name.split(/_|(?<=[a-z])(?=[A-Z])/).map((part) => part.toLowerCase());
    if (parts.length === 1) return kind === 'name' ? [`(?<![\\w$])${name}(?![\\w$])`] : [];
    const pascal = parts.map(capitalized).join('');
    return [
      `${pascal}(?![a-z])`,
      `(?<![A-Za-z])${parts[0]}${pascal.slice(parts[0].length)}(?![a-z])`,
      `(?<![a-z])${parts.join('[_-]')}(?![a-z])`,
      `(?<![A-Z])${parts.join('_').toUpperCase()}(?![A-Z])`,
    ];
  }),
);

function isInCompound(text, { 0: word, index }) {
  return /\w/.test(text[index - 1] ?? '') || /\w/.test(text[index + word.length] ?? '');
}

/** `text` with blanks in place of what the exceptions allow. */
function masked(text, exceptions) {
  return exceptions.reduce(
    (rest, { text: allowed }) => rest.replace(withBlanks(allowed), (found) => found.replace(/\S/g, ' ')),
    text,
  );
}

/** A blank of a pattern stands for any white space, also for the end of a line. */
const withBlanks = remembered(
  ({ source, flags }) => new RegExp(source.replaceAll(' ', '\\s+'), `g${flags}`),
  (pattern) => pattern,
);

function capitalized(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** Whether a path matches a pattern of `**`, `*` and `{a,b}`. */
function isIn(glob, file) {
  const source = glob
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^}]*)\}/g, (_, list) => `(?:${list.replaceAll(',', '|')})`)
    .replace(/\*\*\/?|\*/g, (stars) => (stars === '*' ? '[^/]*' : '.*'));
  return new RegExp(`^${source}$`).test(file);
}

/** How often each entry occurs in each of the first folders: { entry: { folder: number } }. */
function countsOf(occurrences) {
  const counts = {};
  for (const { entry, path: file } of occurrences) {
    const folder = file.includes('/') ? file.split('/')[0] : '.';
    counts[entry] ??= {};
    counts[entry][folder] = (counts[entry][folder] ?? 0) + 1;
  }
  return counts;
}

module.exports = { checkedFiles, countsOf, isChecked, occurrencesIn };

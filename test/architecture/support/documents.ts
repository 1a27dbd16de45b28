import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export const PROJECT = join(__dirname, '../../..');

/** A text file of the project: its path and its text. */
export interface Text {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

const NOT_OURS = /^(?:node_modules|dist|coverage|\.git|\.disburse)$/;
const DOCUMENT = /\.md$/;
const PROGRAM = /\.(?:ts|mjs|cjs|cts|js|sql|yml)$/;
/** Samples of broken files are not about this project. */
const SAMPLES = 'test/architecture/fixtures/';

/** Every file of the project, by path. */
export function projectFiles(folder = ''): string[] {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return NOT_OURS.test(entry.name) ? [] : projectFiles(path);
  });
}

const read = (paths: readonly string[]): Text[] =>
  paths.map((path) => ({ path, text: readFileSync(join(PROJECT, path), 'utf8') }));

export const documents = (files: readonly string[]): Text[] =>
  read(files.filter((path) => DOCUMENT.test(path) && !path.startsWith(SAMPLES)));

export const programs = (files: readonly string[]): Text[] =>
  read(files.filter((path) => PROGRAM.test(path) && !path.startsWith(SAMPLES)));

/** Links of a document that lead to no file of the project, or to no heading of that file. */
export function brokenLinks(
  { path, text }: Text,
  files: readonly string[],
  textOf: (path: string) => string,
): string[] {
  const links = [...withoutCode(text).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(
    ([, link = '']) => link,
  );
  return links
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.normalize(posix.join(dirname(path), file));
      const isThere = files.includes(target) || files.some((other) => other.startsWith(`${target}/`));
      return !isThere || (anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor));
    })
    .map((link) => `${path}: ${link}`);
}

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** What tests call a document that they make up. */
const SAMPLE = /(?:^|\/)sample\.md$/;

/** Documents that a comment or a message names and that are not there. */
export function unknownDocuments({ path, text }: Text, files: readonly string[]): string[] {
  const named = [...text.matchAll(/(?<![\w*])[\w./-]*[\w-]\.md\b/g)].map(([name]) =>
    name.replace(/^(?:\.\.?\/)+/, ''),
  );
  return named
    .filter((name) => !SAMPLE.test(name))
    .filter((name) => !files.some((file) => file === name || file.endsWith(`/${name}`)))
    .map((name) => `${path}: ${name}`);
}

/** The rules of docs/invariants.md in their order: `M1`, `M2`, …, `F1`, … */
export function rulesOf(text: string): string[] {
  return [...text.matchAll(/^### ([A-Z]\d+) /gm)].map(([, rule = '']) => rule);
}

/** A list of rules that is not numbered from 1 without a gap, letter by letter. */
export function wronglyNumbered(rules: readonly string[]): string[] {
  const next = new Map<string, number>();
  return rules.filter((rule) => {
    const [letter = '', number] = [rule[0], Number(rule.slice(1))];
    const expected = (next.get(letter) ?? 0) + 1;
    next.set(letter, number);
    return number !== expected;
  });
}

/** Rules that a text cites by number (`docs/invariants.md M1, M3 and F2`) and that do not exist. */
export function unknownRules({ path, text }: Text, rules: readonly string[]): string[] {
  const cited = [...text.matchAll(/invariants\.md,?((?:(?:\s|\*|\/\/|,|and)*\b[A-Z]\d+\b)+)/g)];
  return cited
    .flatMap(([, list = '']) => list.match(/[A-Z]\d+/g) ?? [])
    .filter((rule) => !rules.includes(rule))
    .map((rule) => `${path}: ${rule}`);
}

const FILE = /^[\w.@/-]+\.(?:ts|cts|mjs|cjs|js|json|md|yml|sql)$/;
const FOLDER = /^(?:src|test|docs|scripts|bench|mutants|\.github|\.ci)\/[\w./-]+$/;

/** Files and folders that a document names, in code or in a drawing of a tree, and that do not exist. */
export function unknownFiles({ path, text }: Text, files: readonly string[]): string[] {
  const inCode = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const inTrees = [...text.matchAll(/^```\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split(/[\s,()]+/),
  );
  const named = [...inCode, ...inTrees.filter((word) => FILE.test(word))];
  const exists = (name: string) =>
    files.some(
      (file) => file === name || file.endsWith(`/${name}`) || file.startsWith(`${name.replace(/\/$/, '')}/`),
    );
  return named
    .filter((name) => (FILE.test(name) && !/^(?:\/|\.disburse\/)/.test(name)) || FOLDER.test(name))
    .filter((name) => !exists(name))
    .map((name) => `${path}: ${name}`);
}

/** Names in code of a document that are in no program: a class, a column, a reason or a log line that was renamed. */
export function unknownNames({ path, text }: Text, programs: readonly Text[]): string[] {
  const names = [...withoutBlocks(text).matchAll(/`([A-Za-z_][\w.]*\w)`/g)].map(([, name = '']) => name);
  const code = programs.map((program) => program.text).join('\n');
  const exists = (name: string) =>
    code.includes(name) || name.split('.').every((part) => code.includes(part));
  return [...new Set(names)].filter((name) => !exists(name)).map((name) => `${path}: ${name}`);
}

function withoutBlocks(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```/gm, '');
}

/** Lines of a document that are longer than the limit; tables and addresses cannot be wrapped. */
export function longLines({ path, text }: Text, max: number): string[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, place: `${path}:${index + 1}` }))
    .filter(({ line }) => [...line].length > max && !line.startsWith('|') && !/https?:\/\//.test(line))
    .map(({ place }) => place);
}

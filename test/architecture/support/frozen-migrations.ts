import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';

const PROJECT = join(__dirname, '../../..');

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Migrations, and the functions and names that decide what their statements are. */
const FROZEN = /^src\/(?:.+\/migrations\/\d{13}-[^/]+\.ts|platform\/.+\/(?:tenant-table|roles)\.ts)$/;

export function isFrozen(path: string): boolean {
  return FROZEN.test(path);
}

/**
 * What of a release's migrations is no longer as it was. A file may move to another folder, and its imports
 * with it; nothing else of it may change, and a new migration comes after all of the release.
 */
export function changesSince(
  released: readonly SourceText[],
  current: readonly SourceText[],
  order: readonly string[],
): string[] {
  const now = new Map(current.map(({ path, text }) => [basename(path), text]));
  const changes = released.flatMap(({ path, text }) => {
    const found = now.get(basename(path));
    if (found === undefined) return [`${path} was removed`];
    return withoutImports(found) === withoutImports(text) ? [] : [`${path} was changed`];
  });
  const before = released.flatMap(({ text }) => nameIn(text)).sort((a, b) => timeOf(a) - timeOf(b));
  const moved = before.find((name, place) => order[place] !== name);
  return moved ? [...changes, `${moved} is not in its place in the list of migrations`] : changes;
}

function withoutImports(text: string): string {
  return text.replace(/^import [^;]*;\n/gm, '').trim();
}

function nameIn(text: string): string[] {
  const name = /readonly name = '(\w+\d{13})'/.exec(text)?.[1];
  return name ? [name] : [];
}

function timeOf(name: string): number {
  return Number(name.slice(-13));
}

/** Release tags, none where there is no git or no history. */
export function releaseTags(): string[] {
  try {
    return lines(git('tag', '--list', 'v*'));
  } catch {
    return [];
  }
}

export function frozenFilesOf(tag: string): SourceText[] {
  const paths = lines(git('ls-tree', '-r', '--name-only', tag, 'src')).filter(isFrozen);
  return paths.map((path) => ({ path, text: git('show', `${tag}:${path}`) }));
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function lines(output: string): string[] {
  return output.split('\n').filter(Boolean);
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '../../..');

export interface Outcome {
  code: number | null;
  output: string;
  lastLine: string;
}

/**
 * A small project with our scripts and configuration, our packages by a link, and only the files that a test
 * gives it.
 */
export class Clone {
  readonly folder = mkdtempSync(join(tmpdir(), 'disburse-clone-'));

  constructor(files: Readonly<Record<string, string>>) {
    for (const part of ['scripts', 'jest.config.js', '.swcrc', 'package.json', 'package-lock.json']) {
      cpSync(join(PROJECT, part), this.path(part), { recursive: true });
    }
    symlinkSync(join(PROJECT, 'node_modules'), this.path('node_modules'));
    for (const [name, text] of Object.entries({ 'src/main.ts': 'export {};', ...files }))
      this.write(name, text);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  spawn(
    script: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): ChildProcess {
    return spawn(process.execPath, [this.path(script), ...args], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async run(
    script: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    return outcomeOf(this.spawn(script, args, env));
  }

  /** The folder in which the scripts of this clone store the data of embedded servers. */
  dataRoot(): string {
    const script = `process.stdout.write(require(${JSON.stringify(this.path('scripts/lib/places.cjs'))}).dataRoot())`;
    return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.dataRoot(), { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

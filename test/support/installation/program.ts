import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { until } from '../../../scripts/lib/processes.cjs';

/** As `npm test` built it: what runs here is what runs in production. */
const DIST = resolve(__dirname, '../../../dist');
const START_MS = 60_000;
const END_MS = 20_000;
const TAIL_LINES = 15;

export interface ProgramOptions {
  readonly name: string;
  /** Below dist. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory and place of the log: a folder without an .env. */
  readonly folder: string;
}

/** A line the program wrote, if it was JSON. */
export type Line = Readonly<Record<string, unknown>>;

/**
 * One operating-system process of the built program. Its output goes to a file, so that it never waits for
 * its reader.
 */
export class Program {
  readonly logFile: string;
  private readonly child: ChildProcess;
  private readonly gone: Promise<void>;
  private readonly read: Line[] = [];
  private readTo = 0;

  constructor(readonly options: ProgramOptions) {
    this.logFile = join(options.folder, `${options.name}.log`);
    const log = openSync(this.logFile, 'a');
    this.child = spawn(process.execPath, [join(DIST, options.entry), ...(options.args ?? [])], {
      cwd: options.folder,
      env: { PATH: process.env['PATH'], ...options.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.gone = new Promise((end) => this.child.once('exit', () => end()));
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get signal(): NodeJS.Signals | null {
    return this.child.signalCode;
  }

  /** Every complete JSON line written so far. Called often, so it reads only what is new. */
  lines(): readonly Line[] {
    const fresh = readFileSync(this.logFile).subarray(this.readTo);
    const whole = fresh.subarray(0, fresh.lastIndexOf('\n') + 1);
    this.readTo += whole.length;
    for (const line of whole.toString('utf8').split('\n')) {
      if (line.startsWith('{')) this.read.push(JSON.parse(line) as Line);
    }
    return this.read;
  }

  /**
   * Resolves with the first line that fits. @throws Error with the end of the log when the program ends
   * before or the time is up
   */
  async said(fits: (line: Line) => boolean, timeoutMs = START_MS): Promise<Line> {
    const find = () => this.lines().find(fits);
    const line = await until(
      () => find() ?? !this.isRunning,
      timeoutMs,
      () => `${this.options.name} did not say what was waited for:\n${this.tail()}`,
    );
    const found = line === true ? find() : line;
    if (!found)
      throw new Error(
        `${this.options.name} ended with ${this.child.exitCode ?? this.child.signalCode}:\n${this.tail()}`,
      );
    return found;
  }

  /** The program cannot clean up. */
  async kill9(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Sends SIGTERM and waits. @throws Error when the process does not end */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended();
  }

  async ended(timeoutMs = END_MS): Promise<void> {
    await until(
      () => !this.isRunning,
      timeoutMs,
      () => `${this.options.name} (pid ${this.pid}) does not end:\n${this.tail()}`,
    );
    await this.gone;
  }

  tail(lines = TAIL_LINES): string {
    return readFileSync(this.logFile, 'utf8')
      .split('\n')
      .slice(-lines - 1)
      .join('\n');
  }
}

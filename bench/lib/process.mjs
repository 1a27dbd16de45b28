import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import places from '../../scripts/lib/places.cjs';
import processes from '../../scripts/lib/processes.cjs';

const START_MS = 60_000;
const STOP_MS = 20_000;
const TICKS_PER_SECOND = 100;

/**
 * One operating-system process of the built program, or of a reference. Its output goes to a file, as it
 * would to a collector.
 */
export class Program {
  #forget;

  constructor({ name, folder, args, env }) {
    this.name = name;
    this.file = join(folder, `${name}.log`);
    const log = openSync(this.file, 'w');
    this.child = spawn(process.execPath, args, {
      cwd: places.PROJECT,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#forget = processes.killAtExit(this.child, 'SIGKILL');
  }

  get pid() {
    return this.child.pid;
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first JSON line that fits. */
  said(fits) {
    const find = () => jsonLines(this.file).find(fits);
    return processes.until(
      () => find() ?? (this.isRunning ? null : this.#fail('ended')),
      START_MS,
      () => this.#fail('did not say that it is ready'),
    );
  }

  /** For references: sends a message and resolves with the reply. */
  ask(message) {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`${this.name} ended:\n${tail(this.file)}`));
      this.child.once('exit', gone);
      this.child.once('message', (response) => {
        this.child.off('exit', gone);
        resolve(response);
      });
      this.child.send(message);
    });
  }

  async stop() {
    if (!this.isRunning) return;
    this.child.kill('SIGTERM');
    await processes
      .until(
        () => !this.isRunning,
        STOP_MS,
        () => 'late',
      )
      .catch(() => this.child.kill('SIGKILL'));
    await processes.ended(this.child);
    this.#forget();
  }

  /** Seconds of processor time so far. */
  cpuSeconds() {
    return cpuSecondsOf(this.pid);
  }

  /** The peak resident memory, in MB. */
  peakMegabytes() {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(kilobytes) / 1024;
  }

  #fail(what) {
    throw new Error(`${this.name} ${what}:\n${tail(this.file)}`);
  }
}

/** `withEnded`: with that of its children that have ended. A process that has just gone counts as nothing. */
export function cpuSecondsOf(pid, { withEnded = false } = {}) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
    return (fields[11] + fields[12] + (withEnded ? fields[13] + fields[14] : 0)) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

function jsonLines(file) {
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

function tail(file) {
  return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
}

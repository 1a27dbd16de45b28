import { parseArgs } from 'node:util';
import { exitMessage, Misconfigured } from '../kernel/errors';
import { explained } from '../platform/database';

/** Options of a command, all texts. @throws UsageError with the usage, for anything unknown or missing */
export function options<Required extends string, Optional extends string = never>(
  usage: string,
  required: readonly Required[],
  optional: readonly Optional[] = [],
): Record<Required, string> & Partial<Record<Optional, string>> {
  const values = parsed([...required, ...optional], usage);
  const missing = required.filter((name) => !values[name]);
  if (missing.length) throw new UsageError(`missing --${missing.join(', --')}\n${usage}`);
  return values as Record<Required, string> & Partial<Record<Optional, string>>;
}

function parsed(names: readonly string[], usage: string): Record<string, string | undefined> {
  try {
    return parseArgs({
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
      strict: true,
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

/** Takes switches, which have no value, out of the command line. */
export function switches<Name extends string>(...names: Name[]): Record<Name, boolean> {
  const given = names.map((name) => [name, process.argv.includes(`--${name}`)] as const);
  process.argv = process.argv.filter((argument) => !names.some((name) => argument === `--${name}`));
  return Object.fromEntries(given) as Record<Name, boolean>;
}

/** A mistake of whoever typed the command: told in its own words, without a stack. */
export class UsageError extends Misconfigured {}

/**
 * Runs a command to its end: refusals are one line, defects keep their stack; either way the exit code tells.
 */
export function runCommand(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    process.stderr.write(`${exitMessage(explained(error))}\n`);
    // Not by exitCode: modules that failed to start leave their connections behind, and those live on for ten
    // seconds.
    process.exit(1);
  });
}

import { parseArgs } from 'node:util';
import { exitMessage, Misconfigured } from '../kernel/errors';
import { explained } from '../platform/database';

/** The options of a command, all texts. @throws UsageError, with the usage, for an unknown or missing option */
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

/** Removes switches, which have no value, from the command line, and returns whether each was given. */
export function switches<Name extends string>(...names: Name[]): Record<Name, boolean> {
  const given = names.map((name) => [name, process.argv.includes(`--${name}`)] as const);
  process.argv = process.argv.filter((argument) => !names.some((name) => argument === `--${name}`));
  return Object.fromEntries(given) as Record<Name, boolean>;
}

/** A mistake in the command: reported by its message, without a stack. */
export class UsageError extends Misconfigured {}

/**
 * Runs a command to its end: an expected error is reported in one line, a defect with its stack. Both exit
 * with code 1.
 */
export function runCommand(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    process.stderr.write(`${exitMessage(explained(error))}\n`);
    // Not by exitCode: modules that failed to start leave connections open for another ten seconds.
    process.exit(1);
  });
}

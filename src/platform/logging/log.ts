/**
 * Field names are matched against an allow-list: ids, counts, codes, times. Anything else is written as "[not
 * logged]".
 */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * One JSON line per fact. `event` is a dotted name, `transfer.completed`; what varies goes into the fields,
 * never into the name.
 */
export abstract class Log {
  abstract debug(event: string, fields?: LogFields): void;
  abstract info(event: string, fields?: LogFields): void;
  abstract warn(event: string, fields?: LogFields): void;
  /** An `error` among the fields is written with type, code, message and stack, all scrubbed of secrets. */
  abstract error(event: string, fields?: LogFields): void;
}

/** Values of the sort key of a row, in the order of the sort. */
export type Position = readonly string[];

/**
 * The part of a list that a query reads. Rows run newest first: `WHERE key < position ORDER BY key DESC LIMIT take`,
 * and backwards `WHERE key > position ORDER BY key ASC LIMIT take`; `Pages.page` reverses the latter.
 */
export interface PageWindow {
  /** One row more than the page shows: its presence means that there is a further page. */
  readonly take: number;
  readonly position: Position | null;
  readonly backwards: boolean;
}

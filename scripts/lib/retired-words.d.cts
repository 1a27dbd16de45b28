export interface Text {
  path: string;
  text: string;
}
export interface Exception {
  files?: string[];
  text?: RegExp;
  why: string;
}
export interface Entry {
  words?: string[];
  only?: 'names';
  names?: string[];
  phrase?: string;
  match?: RegExp;
  say: string;
  except?: Exception[];
}
export interface Occurrence {
  entry: string;
  path: string;
  /** 0 is the name of the file. */
  line: number;
  found: string;
}
export type Counts = Record<string, Record<string, number>>;
export function checkedFiles(project: string): Text[];
export function isChecked(path: string): boolean;
export function occurrencesIn(file: Text, list: readonly Entry[]): Occurrence[];
export function countsOf(occurrences: readonly Occurrence[]): Counts;

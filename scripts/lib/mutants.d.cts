export interface Mutant {
  name: string;
  what: string;
  file: string;
  find: string;
  replace: string;
  test: string;
  title: string;
  register: string;
}
export function readMutants(): Mutant[];
export function applyMutant(text: string, mutant: Mutant): string;

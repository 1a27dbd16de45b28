export interface ModuleFacts {
  readonly name: string;
  readonly facts: readonly {
    readonly fact: string;
    readonly reference: string;
    readonly kind: string;
    readonly postings: string;
  }[];
}

/** Where the page stands. */
export const PAGE: string;
export function readModules(
  root: string,
  extension: string,
  load: (file: string) => Record<string, unknown>,
): ModuleFacts[];
export function render(chart: object, modules: readonly ModuleFacts[]): string;

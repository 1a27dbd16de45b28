import ts from 'typescript';
import { nodesOf, placeOf, type Source } from './sources';

export interface Named {
  readonly name: string;
  readonly place: string;
}

/** The arguments of `domainError(code, kind, …)` that a class extends, or null for another class. */
export function domainErrorOf(declared: ts.ClassDeclaration): readonly ts.Expression[] | null {
  const base = declared.heritageClauses?.[0]?.types[0]?.expression;
  if (!base || !ts.isCallExpression(base) || base.expression.getText() !== 'domainError') return null;
  return base.arguments;
}

/**
 * The codes of all errors: of classes that extend domainError(…), and of those that extend DomainError,
 * directly or by a class of the project, and have a code of their own.
 */
export function errorCodes(sources: readonly Source[]): Named[] {
  const classes = sources.flatMap((source) =>
    nodesOf(source.ast, ts.isClassDeclaration).map((declared) => ({ source, declared })),
  );
  const errors = new Set(['DomainError']);
  const isError = (declared: ts.ClassDeclaration) =>
    domainErrorOf(declared) !== null ||
    errors.has(declared.heritageClauses?.[0]?.types[0]?.expression.getText() ?? '');
  for (let found = 0; found !== errors.size;) {
    found = errors.size;
    for (const { declared } of classes)
      if (declared.name && isError(declared)) errors.add(declared.name.text);
  }
  return classes
    .filter(({ declared }) => isError(declared))
    .flatMap(({ source, declared }) => {
      const own = declared.members
        .filter(ts.isPropertyDeclaration)
        .find((member) => member.name.getText() === 'code')?.initializer;
      return [domainErrorOf(declared)?.[0], own].flatMap((code) =>
        code && ts.isStringLiteral(code) ? [{ name: code.text, place: placeOf(source, code) }] : [],
      );
    });
}

export interface EventName extends Named {
  readonly constant: string;
}

/** The events that the modules' contracts define: `const TransferCompleted = defineEvent('transfer.completed', …)`. */
export function eventNames(sources: readonly Source[]): EventName[] {
  return sources
    .filter(({ path }) => /^src\/modules\/[^/]+\/contract\.ts$/.test(path))
    .flatMap((source) =>
      nodesOf(source.ast, ts.isVariableDeclaration).flatMap((declared) => {
        const defined = declared.initializer;
        if (!defined || !ts.isCallExpression(defined) || defined.expression.getText() !== 'defineEvent')
          return [];
        const [name] = defined.arguments;
        return name && ts.isStringLiteral(name)
          ? [{ constant: declared.name.getText(), name: name.text, place: placeOf(source, name) }]
          : [];
      }),
    );
}

/** A wire name written by hand: the constant of the contract is what a reader can follow. */
export function handWritten(sources: readonly Source[], events: readonly EventName[]): string[] {
  const names = new Set(events.map(({ name }) => name));
  return sources.flatMap((source) =>
    nodesOf(source.ast, ts.isStringLiteral)
      .filter((text) => names.has(text.text))
      .map((text) => placeOf(source, text))
      .filter((place) => !events.some((event) => event.place === place)),
  );
}

export function repeated(named: readonly Named[]): string[] {
  const places = new Map<string, string[]>();
  for (const { name, place } of named) places.set(name, [...(places.get(name) ?? []), place]);
  return [...places].filter(([, all]) => all.length > 1).map(([name, all]) => `${name}: ${all.join(', ')}`);
}

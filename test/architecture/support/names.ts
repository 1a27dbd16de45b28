import ts from 'typescript';
import { nodesOf, placeOf, type Source } from './sources';

export interface Named {
  readonly name: string;
  readonly place: string;
}

/**
 * The codes of all refusals: classes that extend DomainError, directly or by a class of the project that
 * does.
 */
export function errorCodes(sources: readonly Source[]): Named[] {
  const classes = sources.flatMap((source) =>
    nodesOf(source.ast, ts.isClassDeclaration).map((declared) => ({ source, declared })),
  );
  const refusals = new Set(['DomainError']);
  const isRefusal = (declared: ts.ClassDeclaration) =>
    refusals.has(declared.heritageClauses?.[0]?.types[0]?.expression.getText() ?? '');
  for (let known = 0; known !== refusals.size;) {
    known = refusals.size;
    for (const { declared } of classes)
      if (declared.name && isRefusal(declared)) refusals.add(declared.name.text);
  }
  return classes
    .filter(({ declared }) => isRefusal(declared))
    .flatMap(({ source, declared }) => {
      const code = declared.members
        .filter(ts.isPropertyDeclaration)
        .find((member) => member.name.getText() === 'code')?.initializer;
      return code && ts.isStringLiteral(code) ? [{ name: code.text, place: placeOf(source, code) }] : [];
    });
}

export interface EventName extends Named {
  readonly constant: string;
}

/** The texts that a module's contract exports under a constant's name are the wire names of its events. */
export function eventNames(sources: readonly Source[]): EventName[] {
  return sources
    .filter(({ path }) => /^src\/modules\/[^/]+\/contract\.ts$/.test(path))
    .flatMap((source) =>
      nodesOf(source.ast, ts.isVariableDeclaration).flatMap((declared) => {
        const constant = declared.name.getText();
        const text = declared.initializer;
        return text && ts.isStringLiteral(text) && /^[A-Z_]+$/.test(constant)
          ? [{ constant, name: text.text, place: placeOf(source, text) }]
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

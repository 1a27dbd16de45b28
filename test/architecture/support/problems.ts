import ts from 'typescript';
import type { ErrorKind } from '../../../src/kernel/errors';
import { domainErrorOf, type Named } from './names';
import { nodesOf, placeOf, type Source } from './sources';

/** An error that a route may return: a code with a status. */
export interface Refusal extends Named {
  readonly status: number;
}

const STATUS_OF_KIND: Record<ErrorKind, number> = {
  invalid: 422,
  conflict: 409,
  not_found: 404,
  forbidden: 403,
  unavailable: 503,
};

/** The errors that routes declare: lists of a status and its codes, as ApiProblems takes them. */
export function declaredProblems(sources: readonly Source[]): Refusal[] {
  return sources.flatMap((source) =>
    nodesOf(source.ast, ts.isArrayLiteralExpression).flatMap(({ elements: [status, ...codes] }) => {
      if (!status || !ts.isNumericLiteral(status) || Number(status.text) < 400) return [];
      return codes
        .filter(ts.isStringLiteral)
        .map((code) => ({ status: Number(status.text), name: code.text, place: placeOf(source, code) }));
    }),
  );
}

/**
 * The errors that the code can throw: of the domain, with the status of their kind, and of the HTTP layer.
 */
export function raisedProblems(sources: readonly Source[]): Refusal[] {
  return [...ofDomain(sources), ...sources.flatMap(ofHttp)];
}

function ofDomain(sources: readonly Source[]): Refusal[] {
  return sources.flatMap((source) =>
    nodesOf(source.ast, ts.isClassDeclaration).flatMap((declared) => {
      const [code, kind] = domainErrorOf(declared) ?? [];
      if (code && kind && ts.isStringLiteral(code) && ts.isStringLiteral(kind))
        return [
          { status: STATUS_OF_KIND[kind.text as ErrorKind], name: code.text, place: placeOf(source, code) },
        ];
      return ofSeveralCodes(declared, source, sources);
    }),
  );
}

/** A class that declares its kind, and its code as a text or as a type of several. */
function ofSeveralCodes(
  { members }: ts.ClassDeclaration,
  source: Source,
  sources: readonly Source[],
): Refusal[] {
  const property = (name: string) =>
    members.filter(ts.isPropertyDeclaration).find((member) => member.name.getText() === name);
  const [code, kind] = [property('code'), property('kind')?.initializer];
  if (!code || !kind || !ts.isStringLiteral(kind)) return [];
  const names =
    code.initializer && ts.isStringLiteral(code.initializer)
      ? [code.initializer.text]
      : textsOf(code.type, sources);
  return names.map((name) => ({
    status: STATUS_OF_KIND[kind.text as ErrorKind],
    name,
    place: placeOf(source, code),
  }));
}

/** Of a type that lists texts, under whatever names. */
function textsOf(type: ts.TypeNode | undefined, sources: readonly Source[]): string[] {
  if (!type) return [];
  if (ts.isLiteralTypeNode(type)) return ts.isStringLiteral(type.literal) ? [type.literal.text] : [];
  if (ts.isUnionTypeNode(type)) return type.types.flatMap((part) => textsOf(part, sources));
  const alias = sources
    .flatMap(({ ast }) => nodesOf(ast, ts.isTypeAliasDeclaration))
    .find(({ name }) => name.text === type.getText());
  return textsOf(alias?.type, sources);
}

function ofHttp(source: Source): Refusal[] {
  return nodesOf(source.ast, ts.isNewExpression).flatMap(
    ({ expression, arguments: [status, code] = [] as never }) => {
      if (
        expression.getText() !== 'HttpProblem' ||
        !status ||
        !code ||
        !ts.isNumericLiteral(status) ||
        !ts.isStringLiteral(code)
      )
        return [];
      return [{ status: Number(status.text), name: code.text, place: placeOf(source, code) }];
    },
  );
}

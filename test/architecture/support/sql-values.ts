import ts from 'typescript';
import { isText, nodesOf, placeOf, wordsOf, type Source } from './sources';

/** Begins like a statement, or contains a clause: enough to distinguish SQL from prose. */
const STATEMENT =
  /^\s*\(?\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|GRANT|REVOKE|BEGIN|SET|TRUNCATE|LOCK|COPY)\s/;
const CLAUSE = /\s(?:FROM|WHERE|VALUES|ORDER BY|RETURNING|ON CONFLICT|JOIN)\s/;

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

/** Methods whose result is safe in SQL for any argument: a length, and what the driver escapes. */
const SAFE_METHODS = new Set(['push', 'escapeIdentifier', 'escapeLiteral']);

type Function = ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration;

/**
 * SQL that contains something other than the program's own text: a value must be passed as $n. Allowed are
 * constants, choices between texts, and functions that only get such arguments in the whole project. Names are
 * followed, not types, which rejects some statements that are safe.
 */
export function sqlBuiltFromValues(sources: readonly Source[]): string[] {
  const followed = new Texts(sources);
  return sources.flatMap((source) =>
    nodesOf(source.ast, isBuilt)
      .filter((built) => STATEMENT.test(wordsWithin(built)) || CLAUSE.test(wordsWithin(built)))
      .flatMap((built) => partsOf(built).filter((part) => !followed.areOurs(part)))
      .map((part) => `${placeOf(source, part)} puts ${part.getText(source.ast).slice(0, 60)} into SQL`),
  );
}

type Built = ts.TemplateExpression | ts.BinaryExpression;

function isBuilt(node: ts.Node): node is Built {
  return ts.isTemplateExpression(node) || (isSum(node) && !isSum(node.parent));
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
    nodesOf(node, isText).length > 0
  );
}

function wordsWithin(built: Built): string {
  return ts.isTemplateExpression(built) ? wordsOf(built) : nodesOf(built, isText).map(wordsOf).join(' ');
}

function partsOf(built: Built): ts.Expression[] {
  if (ts.isTemplateExpression(built)) return built.templateSpans.map((span) => span.expression);
  return [built.left, built.right];
}

class Texts {
  private readonly calls = new Map<string, ts.CallExpression[]>();
  private readonly trusted = new Set<ts.Node>();

  constructor(sources: readonly Source[]) {
    for (const { ast } of sources) {
      for (const call of nodesOf(ast, ts.isCallExpression)) {
        const name = ts.isPropertyAccessExpression(call.expression)
          ? call.expression.name.text
          : call.expression.getText(ast);
        this.calls.set(name, [...(this.calls.get(name) ?? []), call]);
      }
    }
  }

  areOurs(node: ts.Expression): boolean {
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
      return this.areOurs(node.expression);
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return true;
    if (ts.isTemplateExpression(node))
      return node.templateSpans.every((span) => this.areOurs(span.expression));
    if (ts.isConditionalExpression(node)) return this.areOurs(node.whenTrue) && this.areOurs(node.whenFalse);
    if (ts.isBinaryExpression(node)) return this.areOurs(node.left) && this.areOurs(node.right);
    if (ts.isArrayLiteralExpression(node)) return node.elements.every((element) => this.areOurs(element));
    if (ts.isSpreadElement(node)) return this.areOurs(node.expression);
    // A member of a constant, whichever it is: COLUMNS[field].name.
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
      return this.areOurs(node.expression);
    if (ts.isCallExpression(node)) return this.callIsOurs(node);
    return ts.isIdentifier(node) && (CONSTANT.test(node.text) || this.nameIsOurs(node));
  }

  /** `LIST.map((column) => …).join(', ')`, or a function of this file that returns such texts. */
  private callIsOurs(call: ts.CallExpression): boolean {
    if (ts.isPropertyAccessExpression(call.expression)) {
      const list = call.expression.expression;
      // push returns a number: `$${values.push(id)}` is how a filter that may be absent gets its place.
      if (SAFE_METHODS.has(call.expression.name.text)) return true;
      return (
        (list.getText() === 'Object' || this.areOurs(list)) &&
        call.arguments.every((argument) =>
          isFunction(argument)
            ? resultsOf(argument).every((result) => this.areOurs(result))
            : this.areOurs(argument),
        )
      );
    }
    const declared = ts.isIdentifier(call.expression) ? declarationOf(call.expression) : undefined;
    const called = declared && ts.isVariableDeclaration(declared) ? declared.initializer : declared;
    return (
      called !== undefined && isFunction(called) && resultsOf(called).every((result) => this.areOurs(result))
    );
  }

  private nameIsOurs(name: ts.Identifier): boolean {
    const declared = declarationOf(name);
    if (!declared) return false;
    if (ts.isVariableDeclaration(declared)) {
      const from = declared.initializer ?? loopOf(declared)?.expression;
      return from !== undefined && this.areOurs(from) && this.pushedAreOurs(name);
    }
    if (!ts.isParameter(declared) || !isFunction(declared.parent)) return false;
    return isChoice(declared.type) || this.argumentsAreOurs(declared, declared.parent);
  }

  private pushedAreOurs(list: ts.Identifier): boolean {
    const pushes = (this.calls.get('push') ?? []).filter(
      (call) =>
        call.getSourceFile() === list.getSourceFile() && call.expression.getText() === `${list.text}.push`,
    );
    return pushes.every((call) => call.arguments.every((argument) => this.areOurs(argument)));
  }

  private callsOf(owner: Function): ts.CallExpression[] {
    const calls = this.calls.get(nameOf(owner)) ?? [];
    return isExported(owner) ? calls : calls.filter((call) => call.getSourceFile() === owner.getSourceFile());
  }

  private argumentsAreOurs(parameter: ts.ParameterDeclaration, owner: Function): boolean {
    // A parameter found again while its own calls are followed (recursion) is decided by the other calls.
    if (this.trusted.has(parameter)) return true;
    this.trusted.add(parameter);
    try {
      const handedTo =
        ts.isCallExpression(owner.parent) && ts.isPropertyAccessExpression(owner.parent.expression)
          ? owner.parent.expression.expression
          : undefined;
      if (handedTo) return this.areOurs(handedTo) || owner.parameters.indexOf(parameter) === 1;
      const calls = this.callsOf(owner);
      const position = owner.parameters.indexOf(parameter);
      return (
        calls.length > 0 &&
        calls.every((call) => {
          const given = call.arguments[position] ?? parameter.initializer;
          return given !== undefined && this.areOurs(given);
        })
      );
    } finally {
      this.trusted.delete(parameter);
    }
  }
}

function isExported(owner: Function): boolean {
  const statement = ts.isVariableDeclaration(owner.parent) ? owner.parent.parent.parent : owner;
  return (
    ts.isMethodDeclaration(owner) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword))
  );
}

function isFunction(node: ts.Node): node is Function {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isMethodDeclaration(node)
  );
}

function resultsOf({ body }: Function): ts.Expression[] {
  if (!body) return [];
  if (!ts.isBlock(body)) return [body];
  return nodesOf(body, ts.isReturnStatement).flatMap((statement) => statement.expression ?? []);
}

function nameOf(owner: Function): string {
  if (owner.name) return owner.name.getText();
  return ts.isVariableDeclaration(owner.parent) ? owner.parent.name.getText() : '';
}

/** 'ASC' | 'DESC' */
function isChoice(type: ts.TypeNode | undefined): boolean {
  const options = type && ts.isUnionTypeNode(type) ? type.types : type ? [type] : [];
  return options.length > 0 && options.every((option) => ts.isLiteralTypeNode(option));
}

/** The nearest const, function or parameter of that name around or beside it in its file. */
function declarationOf(
  name: ts.Identifier,
): ts.VariableDeclaration | ts.ParameterDeclaration | ts.FunctionDeclaration | undefined {
  for (let scope: ts.Node = name.parent; ; scope = scope.parent) {
    if (isFunction(scope)) {
      const parameter = scope.parameters.find((candidate) => candidate.name.getText() === name.text);
      if (parameter) return parameter;
    }
    const loop =
      ts.isForOfStatement(scope) && ts.isVariableDeclarationList(scope.initializer)
        ? scope.initializer.declarations.find((candidate) => declares(candidate, name.text))
        : undefined;
    if (loop) return loop;
    const statements = ts.isBlock(scope) || ts.isSourceFile(scope) ? scope.statements : [];
    for (const statement of statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name?.text === name.text) return statement;
      if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const))
        continue;
      const declared = statement.declarationList.declarations.find((candidate) =>
        declares(candidate, name.text),
      );
      if (declared) return declared;
    }
    if (ts.isSourceFile(scope)) return undefined;
  }
}

/** for (const [filter, column] of …) */
function loopOf(declared: ts.VariableDeclaration): ts.ForOfStatement | undefined {
  return ts.isForOfStatement(declared.parent.parent) ? declared.parent.parent : undefined;
}

function declares({ name }: ts.VariableDeclaration, wanted: string): boolean {
  if (ts.isIdentifier(name)) return name.text === wanted;
  return name.elements.some((element) => ts.isBindingElement(element) && element.name.getText() === wanted);
}

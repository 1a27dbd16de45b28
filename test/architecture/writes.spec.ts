import ts from 'typescript';
import { nodesOf, productionSources, source, type Source } from './support/sources';

const CHANGES = /^@(?:Post|Put|Patch|Delete)\b/;
/**
 * Routes without a scope have no access epoch: of users on their own account, and of providers that sign.
 */
const ELSEWHERE = /^@(?:Public\b|WithoutTenant\(\))/;
const THROUGH =
  /\bthis\.(?:idempotency\.execute|batchCreatePayouts\.execute|writes\.(?:run|admit|retryingAccess|withPerson))\(/;

/** A POST route that changes nothing. */
const READS = ['SettlementsController.preview'];

const decorated = (node: ts.ClassDeclaration | ts.MethodDeclaration, { ast }: Source, by: RegExp) =>
  (ts.getDecorators(node) ?? []).some((decorator) => by.test(decorator.getText(ast)));

/** The calls of a handler, also through private methods of its class. */
function textOf(method: ts.MethodDeclaration, owner: ts.ClassDeclaration, { ast }: Source): string {
  const text = method.getText(ast);
  const helpers = owner.members
    .filter(ts.isMethodDeclaration)
    .filter((other) => other !== method && text.includes(`this.${other.name.getText(ast)}(`));
  return [text, ...helpers.map((helper) => helper.getText(ast))].join('\n');
}

function unchecked(file: Source): string[] {
  return nodesOf(file.ast, ts.isClassDeclaration)
    .filter((owner) => decorated(owner, file, /^@Controller\b/) && !decorated(owner, file, ELSEWHERE))
    .flatMap((owner) =>
      owner.members
        .filter(ts.isMethodDeclaration)
        .filter((method) => decorated(method, file, CHANGES) && !decorated(method, file, ELSEWHERE))
        .filter((method) => !THROUGH.test(textOf(method, owner, file)))
        .map((method) => `${owner.name?.text}.${method.name.getText(file.ast)}`),
    );
}

describe('a route that changes something of a tenant, or of the installation', () => {
  it('asserts the access epoch in its transaction, through Idempotency or AuthorizedTransaction', () => {
    expect(productionSources().flatMap(unchecked)).toEqual(READS);
  });

  it.each([
    ['a transaction of its own', 'return this.uow.run(principal.tenantId, work);', ['Samples.change']],
    ['an idempotent response', 'return this.idempotency.execute(request, principal, work);', []],
    ['a batch of idempotent requests', 'return this.batchCreatePayouts.execute(request, principal, x);', []],
    ['a write of the caller', 'return this.writes.run(request, principal, work);', []],
    ['a helper that writes for the caller', 'return this.respond(request);', []],
  ])('is checked in %s', (_what, statement, found) => {
    const text = `@Controller('samples') class Samples {
      @Post() change() { ${statement} }
      private respond(request) { return this.writes.run(request, 1, 2); }
      @Get() read() {}
    }`;
    expect(unchecked(source('src/samples.controller.ts', text))).toEqual(found);
  });
});

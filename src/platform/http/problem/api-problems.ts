import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { standardProblem } from './standard-problems';

/** A status, or a status with the codes it may carry here: `[409, 'settlement_exists']`. */
export type ApiProblem = number | readonly [status: number, ...codes: string[]];

/**
 * A mark of its own for each code, because that is what adds up over several decorators; see
 * complete-document.ts.
 */
const MARK = /^x-problem:(\d{3}):(\w+)$/;

/** Documents refusals, of a route or of all routes of a controller. */
export function ApiProblems(...problems: ApiProblem[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...problems.flatMap(codesOf).map(({ status, code }) => ApiExtension(`x-problem:${status}:${code}`, true)),
  );
}

function codesOf(problem: ApiProblem): { status: number; code: string }[] {
  const [status, ...codes] = typeof problem === 'number' ? [problem] : problem;
  return (codes.length ? codes : [standardProblem(status).code]).map((code) => ({ status, code }));
}

/** Takes the marks off an operation and answers what they say: status to codes. */
export function takeProblems(operation: Record<string, unknown>): Map<number, string[]> {
  const problems = new Map<number, string[]>();
  for (const mark of Object.keys(operation).sort()) {
    const [, status, code] = MARK.exec(mark) ?? [];
    if (!status || !code) continue;
    delete operation[mark];
    problems.set(Number(status), [...(problems.get(Number(status)) ?? []), code]);
  }
  return problems;
}

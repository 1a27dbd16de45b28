import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from '../../../kernel/errors';
import { HttpProblem, type FieldErrors } from './http-problem';
import { standardProblem } from './standard-problems';

export const PROBLEM_JSON = 'application/problem+json';

/** RFC 9457, plus `code` (stable), `request_id` and, for validation, `errors`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: FieldErrors;
  readonly [extension: string]: unknown;
}

export interface ProblemAnswer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers: Record<string, string>;
  /** Further members of the answer, such as `errors` or `from` and `to`. */
  readonly members: Record<string, unknown>;
  /** True when nobody foresaw this error: it must be logged whole. */
  readonly unforeseen: boolean;
}

const STATUS_OF_KIND: Record<ErrorKind, number> = {
  invalid: 422,
  conflict: 409,
  not_found: 404,
  forbidden: 403,
  unavailable: 503,
};

/**
 * What the caller hears of any error. An error that is not ours is told by its status only: its text may hold
 * SQL or paths.
 */
export function answerFor(error: unknown): ProblemAnswer {
  if (error instanceof HttpProblem) {
    const members = error.errors ? { errors: error.errors } : {};
    return {
      status: error.status,
      code: error.code,
      detail: error.message,
      headers: error.headers,
      members,
      unforeseen: false,
    };
  }
  if (error instanceof DomainError) return ofDomain(error);
  return standard(statusOfForeign(error));
}

function ofDomain(error: DomainError): ProblemAnswer {
  const status = STATUS_OF_KIND[error.kind];
  const headers: Record<string, string> = status === 503 ? { 'retry-after': '1' } : {};
  return {
    status,
    code: error.code,
    detail: error.message,
    headers,
    members: error.details ?? {},
    unforeseen: false,
  };
}

function standard(status: number): ProblemAnswer {
  const { code, detail } = standardProblem(status);
  const headers: Record<string, string> = status === 503 ? { 'retry-after': '1' } : {};
  return { status, code, detail, headers, members: {}, unforeseen: status === 500 };
}

/** Fastify and Nest say what they refuse by a 4xx status; everything else is a defect. */
function statusOfForeign(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

export function problemBody(answer: ProblemAnswer, instance: string, requestId: string): Problem {
  return {
    ...(jsonSafe(answer.members) as Record<string, unknown>),
    type: `urn:disburse:problem:${answer.code}`,
    title: titleOf(answer.code),
    status: answer.status,
    detail: answer.detail,
    instance,
    code: answer.code,
    request_id: requestId,
  };
}

export function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Minor units in the details of an error are bigint, which JSON cannot write. */
function jsonSafe(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)));
}

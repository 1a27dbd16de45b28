import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { ApiProblems, IsIntegerText } from '../http';

export const LIMIT_DEFAULT = 20;
export const LIMIT_MAX = 100;

/**
 * One page of a list, newest first. `next` and `previous` are absolute paths with query, to be followed as
 * they are.
 */
export interface Page<T> {
  readonly results: T[];
  readonly next: string | null;
  readonly previous: string | null;
}

/** Extend it with the filters of a list; unknown ones are refused. */
export class PageQueryDto {
  @ApiPropertyOptional({ minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT, example: LIMIT_DEFAULT })
  @IsOptional()
  @IsIntegerText(1, LIMIT_MAX)
  limit?: number;

  @ApiPropertyOptional({
    description: 'From `next` or `previous` of an earlier page, with the same filters.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  cursor?: string;
}

/** Documents a page of `Item`. */
export function ApiPage(item: Type): MethodDecorator {
  const link = { type: 'string', nullable: true, format: 'uri-reference' } as const;
  return applyDecorators(
    ApiExtraModels(item),
    ApiOkResponse({
      schema: {
        type: 'object',
        required: ['results', 'next', 'previous'],
        properties: {
          results: { type: 'array', items: { $ref: getSchemaPath(item) } },
          next: link,
          previous: link,
        },
      },
    }),
    ApiProblems([400, 'invalid_cursor'], 422),
  );
}

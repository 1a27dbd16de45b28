import { applyDecorators } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';

/** Text that people read: no control characters, no halves of characters (PostgreSQL refuses NUL, and U+FFFD tells nobody anything). */
export function IsPlainText(max: number): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, max),
    Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u, { message: '$property must not be blank or contain control characters' }),
  );
}

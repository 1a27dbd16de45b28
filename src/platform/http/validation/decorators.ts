import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  Length,
  Matches,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { isUuid } from '../../../kernel/ids';
import { currencyOf, MINOR_MAX, Money } from '../../../kernel/money';

const AMOUNT_MAX = Money.of(MINOR_MAX, currencyOf('USD')).toText();

/**
 * For the description of an amount. Three decimals leave one digit less before the dot: Money.parse says so
 * of the currency at hand.
 */
export const AMOUNT_AT_MOST = `At most ${AMOUNT_MAX} of the currency; where it has three decimals, 9999999999.999.`;

/** Decimal text such as "100.50". How many decimals the currency has is the domain's to say (Money.parse). */
export function IsAmountText(options?: ValidationOptions): PropertyDecorator {
  const message = `$property must be decimal text such as "100.50", at most ${AMOUNT_MAX}, without sign, exponent, spaces or separators of thousands`;
  return byRule(
    'isAmountText',
    (value) => typeof value === 'string' && /^(0|[1-9]\d{0,10})(\.\d{1,3})?$/.test(value),
    message,
    options,
  );
}

/** Three letters in any case, read as upper case. Which currencies there are is the domain's to say. */
export function IsCurrencyText(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^[A-Za-z]{3}$/.test(value) ? value.toUpperCase() : value,
    ),
    Matches(/^[A-Z]{3}$/, { message: '$property must be three letters such as "USD"' }),
  );
}

/** One of `values` in any case, read as the documented one. */
export function IsOneOf(values: readonly string[]): PropertyDecorator {
  const documented = new Map(values.map((value) => [value.toLowerCase(), value]));
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? (documented.get(value.toLowerCase()) ?? value) : value,
    ),
    IsIn([...values], { message: `$property must be one of ${values.join(', ')}` }),
  );
}

/** A UUID in any case, read as lower case. */
export function IsId(options?: ValidationOptions): PropertyDecorator {
  const lower = (value: unknown): unknown =>
    typeof value === 'string' && value.length === 36 ? value.toLowerCase() : value;
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(lower) : lower(value))),
    byRule('isId', isUuid, '$property must be a UUID', options),
  );
}

/** No control characters, no halves of characters, not blank. */
export function IsPlainText(max: number, min = 1): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(min, max),
    Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u, {
      message: '$property must not be blank or contain control characters',
    }),
  );
}

/** May be left out; null is not "left out" and is refused. */
export function IsGiven(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** A whole number written in digits, as query values are. "0x10", "1e3", " 12" and "" are none. */
export function IsIntegerText(min: number, max: number): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
    ),
    byRule(
      'isIntegerText',
      (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
      `$property must be a whole number from ${min} to ${max}`,
    ),
  );
}

/** "true" or "false", as query values are. */
export function IsBooleanText(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
    IsIn([true, false], { message: '$property must be true or false' }),
  );
}

/**
 * RFC 3339 with a zone that PostgreSQL takes, and a day that exists: JavaScript would read 30 February as 1
 * March.
 */
export function IsTimestamp(options?: ValidationOptions): PropertyDecorator {
  return byRule(
    'isTimestamp',
    isTimestamp,
    '$property must be an RFC 3339 time such as "2025-01-31T12:00:00Z"',
    options,
  );
}

/** The same, later than now. */
export function IsFutureTimestamp(options?: ValidationOptions): PropertyDecorator {
  const message = '$property must be an RFC 3339 time in the future, such as "2099-01-31T12:00:00Z"';
  return byRule(
    'isFutureTimestamp',
    (value) => isTimestamp(value) && Date.parse(value as string) > Date.now(),
    message,
    options,
  );
}

/** At most 50 keys of 40 characters with text values of 500. */
export function IsMetadata(options?: ValidationOptions): PropertyDecorator {
  return byRule(
    'isMetadata',
    isMetadata,
    '$property must be an object of at most 50 texts: keys of at most 40 characters, values of at most 500',
    options,
  );
}

/** An address that a browser may be given: https, of at most 2,000 characters, without credentials inside. */
export function IsHttpsUrl(options?: ValidationOptions): PropertyDecorator {
  return byRule(
    'isHttpsUrl',
    isHttpsUrl,
    '$property must be an address such as "https://example.com/logo.svg" of at most 2,000 characters',
    options,
  );
}

/** An object of that class. `ValidateNested` alone lets a list of such objects through. */
export function IsNested(type: () => new () => object): PropertyDecorator {
  return applyDecorators(IsObject(), ValidateNested(), Type(type));
}

/** A list of objects of that class. */
export function IsNestedList(type: () => new () => object, max: number): PropertyDecorator {
  return applyDecorators(
    IsArray(),
    ArrayMaxSize(max),
    IsObject({ each: true, message: '$property must be a list of objects' }),
    ValidateNested({ each: true }),
    Type(type),
  );
}

function byRule(
  name: string,
  validate: (value: unknown) => boolean,
  message: string,
  options?: ValidationOptions,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } }, options);
}

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/i;

function isTimestamp(value: unknown): boolean {
  const match = typeof value === 'string' && TIMESTAMP.exec(value);
  if (!match) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 50 &&
    entries.every(
      ([key, text]) => key.length > 0 && key.length <= 40 && typeof text === 'string' && text.length <= 500,
    )
  );
}

const URL_MAX = 2_000;

/** Nothing that would end an attribute or a style where the address is shown. */
function isHttpsUrl(value: unknown): boolean {
  if (
    typeof value !== 'string' ||
    value.length > URL_MAX ||
    !/^https:\/\/[^\s"'<>\\`{}|^]+$/.test(value) ||
    !URL.canParse(value)
  )
    return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

import { Readable } from 'node:stream';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { validationFailed, type FieldErrors } from '../problem/http-problem';

const UNCHECKED: ReadonlySet<unknown> = new Set([String, Number, Boolean, Array, Object, Buffer, Readable]);
const FIELDS_MAX = 100;

/**
 * Nest's own ValidationPipe was rejected: a list passes it where one object is expected, and its messages
 * name no paths. Nothing is converted implicitly ("false" would become true); unknown fields are refused with
 * their name. Names of Object.prototype, which class-validator's whitelist lets through, are refused while
 * the body is read (scan-json.ts).
 */
@Injectable()
export class StrictValidation implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if (type === 'custom' || data !== undefined || !metatype || UNCHECKED.has(metatype)) return value;
    if (value !== undefined && !isObject(value))
      throw validationFailed({ [type]: [`${type} must be an object`] });
    const instance = plainToInstance(metatype as new () => object, value ?? {});
    const errors = validateSync(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    if (errors.length) throw validationFailed(byField(errors));
    return instance;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byField(errors: readonly ValidationError[]): FieldErrors {
  const fields: [string, string[]][] = [];
  for (const error of errors) collect(error, '', fields);
  return Object.fromEntries(fields.slice(0, FIELDS_MAX));
}

function collect(error: ValidationError, parent: string, into: [string, string[]][]): void {
  const path = pathTo(parent, error.property);
  // What is no list has no size and no entries: what the other rules of the field say would only confuse.
  if (error.constraints && 'isArray' in error.constraints)
    return void into.push([path, [`${path} must be a list`]]);
  const messages = new Set(
    Object.entries(error.constraints ?? {}).map(([rule, message]) =>
      sentence(rule, message, error.property, path),
    ),
  );
  if (messages.size) into.push([path, [...messages]]);
  for (const child of error.children ?? []) collect(child, path, into);
}

function pathTo(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent ? `${parent}.${property}` : property;
}

/** class-validator begins most messages with the bare property; people look for the path they sent. */
function sentence(rule: string, message: string, property: string, path: string): string {
  if (rule === 'whitelistValidation') return `${path} is not a field here`;
  // Its own text speaks of nested properties, and IsObject has said the same of the field itself.
  if (rule === 'nestedValidation') return `${path} must be an object`;
  return message.startsWith(`${property} `) ? path + message.slice(property.length) : message;
}

import { invalidRequest } from './failure';
import type { Params } from './params';

export type Metadata = Readonly<Record<string, string>>;

/** Stripe's limits: 50 keys of 40 characters, values of 500. */
export function readMetadata(params: Params): Metadata {
  const metadata = params.object('metadata');
  const keys = Object.keys(metadata);
  if (keys.length > 50)
    throw invalidRequest('You can only have up to 50 metadata keys.', undefined, 'metadata');
  for (const key of keys) {
    if (key.length > 40)
      throw invalidRequest(`Metadata keys can have up to 40 characters: ${key}`, undefined, 'metadata');
    if ((metadata[key] ?? '').length > 500)
      throw invalidRequest(
        `Metadata values can have up to 500 characters: ${key}`,
        undefined,
        `metadata[${key}]`,
      );
  }
  return metadata;
}

/** An empty value removes its key; an empty `metadata` removes all. */
export function mergeMetadata(current: Metadata, params: Params): Metadata {
  if (params.has('metadata') && params.text('metadata') === undefined) return {};
  const merged: Record<string, string> = { ...current };
  for (const [key, value] of Object.entries(readMetadata(params))) {
    if (value === '') delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

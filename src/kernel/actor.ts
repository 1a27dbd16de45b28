/** Who did something, and through which request: what the audit trail keeps of a caller. */
export interface Actor {
  /** `system` is the installation itself: its schedules and its command line. */
  readonly kind: 'api_key' | 'user' | 'system';
  readonly id: string | null;
  readonly name: string;
  readonly requestId: string | null;
  readonly address: string | null;
}

/** For what no request asked for. */
export function systemActor(name: string): Actor {
  return { kind: 'system', id: null, name, requestId: null, address: null };
}

/** How entries, transitions and settlements name who caused them. */
export function nameOf({ kind, id, name }: Actor): string {
  return id === null ? name : `${kind}:${id}`;
}

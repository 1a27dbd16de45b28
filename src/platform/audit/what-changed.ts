type Snapshot = Readonly<Record<string, unknown>>;

/** The fields that differ between two snapshots: a record shows the change and nothing else. */
export function whatChanged(before: Snapshot, after: Snapshot): { before: Snapshot; after: Snapshot } {
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return { before: only(before, names), after: only(after, names) };
}

function only(snapshot: Snapshot, names: readonly string[]): Snapshot {
  return Object.fromEntries(names.map((name) => [name, snapshot[name] ?? null]));
}

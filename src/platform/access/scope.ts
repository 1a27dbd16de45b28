/** `resource:action`, where either side of a granted scope may be `*`; a lone `*` grants everything. */
export function grants(granted: readonly string[], wanted: string): boolean {
  const [resource, action] = wanted.split(':');
  return granted.some((scope) => {
    if (scope === '*') return true;
    const [r, a] = scope.split(':');
    return (r === '*' || r === resource) && (a === '*' || a === action);
  });
}

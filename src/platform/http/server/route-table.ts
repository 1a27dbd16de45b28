/** Which methods a path has. Filled while routes are registered, asked only when the router found nothing. */
export class RouteTable {
  private readonly routes = new Map<string, { segments: string[]; methods: Set<string> }>();

  add(pattern: string, methods: string | readonly string[]): void {
    const route = this.routes.get(pattern) ?? { segments: pattern.split('/'), methods: new Set<string>() };
    for (const method of [methods].flat()) route.methods.add(method);
    this.routes.set(pattern, route);
  }

  methodsOf(path: string): string[] {
    const segments = path.split('/');
    const methods = [...this.routes.values()]
      .filter((route) => matches(route.segments, segments))
      .flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((segment, i) => segment === path[i] || (segment.startsWith(':') && path[i] !== ''))
  );
}

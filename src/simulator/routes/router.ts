import { invalidRequest } from '../wire/failure';
import { ACCOUNT_ROUTES } from './accounts';
import type { Route } from './call';
import { EVENT_ROUTES } from './events';
import { PLAIN_ROUTES } from './plain-objects';
import { REVERSAL_ROUTES } from './reversals';
import { TRANSFER_ROUTES } from './transfers';

export interface RouteMatch {
  readonly route: Route;
  readonly ids: readonly string[];
}

const ROUTES: readonly Route[] = [
  ...TRANSFER_ROUTES,
  ...REVERSAL_ROUTES,
  ...ACCOUNT_ROUTES,
  ...PLAIN_ROUTES,
  ...EVENT_ROUTES,
];
const EXACT = new Map<string, RouteMatch>(
  ROUTES.filter((route) => !route.path.includes(':')).map((route) => [
    `${route.method} ${route.path}`,
    { route, ids: [] },
  ]),
);
const PATTERNS = ROUTES.filter((route) => route.path.includes(':')).map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(':id', '([^/]+)')}$`),
}));

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw invalidRequest('Invalid URL: it is not well encoded.');
  }
}

export function findRoute(method: string, path: string): RouteMatch | null {
  const exact = EXACT.get(`${method} ${path}`);
  if (exact !== undefined) return exact;
  for (const { route, pattern } of PATTERNS) {
    const matched = route.method === method ? pattern.exec(path) : null;
    if (matched !== null) return { route, ids: matched.slice(1).map(decoded) };
  }
  return null;
}

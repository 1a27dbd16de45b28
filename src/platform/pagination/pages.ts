import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/principal';
import { canonical } from '../../kernel/canonical-json';
import type { PageWindow, Position } from '../../kernel/page-window';
import { CursorCodec, type Cursor } from './cursor-codec';
import { LIMIT_DEFAULT, type Page, type PageQueryDto } from './page';

/** Whose list it is; null is the installation's. */
type Owner = Pick<Principal, 'tenantId'> | null;

/** Opens a window for a list request and makes a page of the rows found in it. */
@Injectable()
export class Pages {
  constructor(private readonly cursors: CursorCodec) {}

  window(request: FastifyRequest, owner: Owner, query: PageQueryDto): PageWindow {
    const limit = query.limit ?? LIMIT_DEFAULT;
    const cursor: Cursor | null =
      query.cursor === undefined ? null : this.cursors.decode(bindingOf(request, owner), query.cursor);
    return { take: limit + 1, position: cursor?.position ?? null, backwards: cursor?.backwards ?? false };
  }

  page<Row, Item>(
    request: FastifyRequest,
    owner: Owner,
    window: PageWindow,
    rows: readonly Row[],
    positionOf: (row: Row) => Position,
    toItem: (row: Row) => Item,
  ): Page<Item> {
    const limit = window.take - 1;
    const shown = rows.slice(0, limit);
    if (window.backwards) shown.reverse();
    const more = rows.length > limit;
    const first = shown[0];
    const last = shown.at(-1);
    const link = (row: Row | undefined, backwards: boolean): string | null =>
      row === undefined ? null : this.link(request, owner, { position: positionOf(row), backwards });
    return {
      results: shown.map(toItem),
      next: window.backwards || more ? link(last, false) : null,
      previous: (window.backwards ? more : window.position !== null) ? link(first, true) : null,
    };
  }

  private link(request: FastifyRequest, owner: Owner, cursor: Cursor): string {
    const parameters = new URLSearchParams(request.query as Record<string, string>);
    parameters.set('cursor', this.cursors.encode(bindingOf(request, owner), cursor));
    return `${pathOf(request)}?${parameters.toString()}`;
  }
}

/** Everything a position means something in. The limit may change between two pages. */
function bindingOf(request: FastifyRequest, owner: Owner): string {
  const { cursor: _cursor, limit: _limit, ...filters } = request.query as Record<string, string>;
  return canonical([owner?.tenantId ?? null, pathOf(request), filters]);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] as string;
}

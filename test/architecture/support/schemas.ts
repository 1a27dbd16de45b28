import { isText, nodesOf, placeOf, wordsOf, type Source } from './sources';

/** Files whose texts are SQL. Elsewhere "transfers.x" may be a log line or a consumer's name. */
const HOLDS_SQL = /\.sql\.ts$|\.query\.ts$|\/(?:persistence|migrations)\//;

/** The part of the platform's schema that every module may use: the trigger function that forbids changes. */
const COMMON = ['platform.refuse_change'];

/**
 * A module's SQL names the tables of its own schema only; it reads data of other modules through their facades.
 */
export function foreignSchemas(sources: readonly Source[], modules: readonly string[]): string[] {
  const names = new RegExp(`(?<![\\w.'$-])(${[...modules, 'platform'].join('|')})\\.([a-z_]+)`, 'g');
  return sources
    .filter(({ path }) => HOLDS_SQL.test(path))
    .flatMap((source) => {
      const own = /^src\/modules\/([^/]+)\//.exec(source.path)?.[1] ?? 'platform';
      return nodesOf(source.ast, isText).flatMap((text) =>
        [...wordsOf(text).matchAll(names)]
          .filter(([name, schema]) => schema !== own && !COMMON.includes(name))
          .map(([name]) => `${placeOf(source, text)} names ${name}`),
      );
    });
}

import type { Entry } from '../../scripts/lib/retired-words.cjs';

declare const entries: readonly Entry[];
export = entries;

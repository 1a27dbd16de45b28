import { Known } from './known';

/** What each tenant had turned on a moment ago. */
export class KnownSwitches extends Known<ReadonlySet<string>> {}

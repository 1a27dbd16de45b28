'use strict';

/**
 * Words and names that are not used any more, each with what to say instead. retired-words.spec.ts fails on
 * every occurrence; `node scripts/retired-words.cjs` prints how many there are and, with a word, where.
 *
 * `words` match each part of a name (`KeptPages`, `kept_until`) and each word of a comment, string or document,
 * in any case. With `only: 'names'` they match names alone: identifiers, words of SQL, names of files, and
 * compound names within a text. `names` match names: one of several words also inside a longer name
 * (`runTogether` in `runTogetherOnce`), one of a single word as a whole and in this case (`Turn`, not `turn`).
 * A `phrase` is matched in texts by `match`; a blank stands for any white space, also for the end
 * of a line.
 *
 * `except` lists where an entry does not count: `files` are patterns of paths (all files when left out), `text`
 * is what the occurrence is part of (any text when left out). Each exception says why.
 */

const GLOSSARY = { files: ['docs/glossary.md'], why: 'lists what is not said' };
const NOWHERE = [
  { words: ['told', 'untold'], say: 'delivered, returned, notified' },
  { words: ['whoever', 'whomever'], say: 'the caller, the client, the user who' },
  {
    words: ['nobody'],
    say: 'no user, no caller, no process',
    except: [
      { files: ['scripts/lib/places.cjs'], text: /'nobody'/, why: 'an account of the operating system' },
    ],
  },
  { words: ['somebody'], say: 'a user, another caller, an operator' },
  { words: ['anybody'], say: 'any user, any caller' },
  { words: ['everybody'], say: 'all users, every caller' },
];

const TERMS = [
  {
    words: ['answer', 'answers', 'answered', 'answering', 'unanswered'],
    say: 'response; returns, responds',
    except: [
      {
        text: /lose_answer|answers_lost_after_effect|'answered'/,
        why: 'on the wire of the simulator (/_sim)',
      },
      {
        text: /'answer'|late_answer|answer_differs_from_request/,
        why: 'sources of evidence and a reason, which are values of the API',
      },
    ],
  },
  { words: ['asked', 'unasked', 'asks', 'asking'], say: 'requested; requests, reads, checks' },
  { words: ['asker', 'askers'], say: 'requester' },
  { words: ['tell', 'tells', 'telling'], say: 'deliver, report, notify, distinguish' },
  {
    words: ['hear', 'hears', 'heard', 'hearing', 'unheard'],
    say: 'receive, be notified; subscribed, unsubscribed',
  },
  { words: ['kept'], say: 'stored, retained, unchanged' },
  { words: ['keeper', 'keepers', 'keeping'], say: 'tenant actor; a verb with its object' },
  { words: ['known'], only: 'names', say: 'cached, existing' },
  { words: ['outdate', 'outdated'], only: 'names', say: 'invalidate, stale' },
  {
    words: ['owed', 'owes'],
    say: 'pending (of an invalidation)',
    except: [
      {
        files: [
          'src/modules/{payouts,ledger,settlements,transfers}/**',
          'src/demonstration/**',
          'test/{integration,storm,support}/**',
          'mutants/{payouts,transfers,settlements,ledger}.cjs',
          'docs/**',
          'README.md',
          'package.json',
        ],
        why: 'money that is owed to a recipient',
      },
      { text: /what they are owed/, why: 'the description of the program' },
    ],
  },
  {
    words: ['behind'],
    say: 'in the actor chain; after, protected by, past',
    except: [
      { text: /behind (?:a|the|one) (?:\w+ )?(?:proxy|proxies|load balancer)/, why: 'a term of networking' },
      {
        text: /(?:lags?|fall|falls|fell|left|leaves?|leaving) (?:\w+ ){0,3}behind/,
        why: 'a verb of English',
      },
      {
        text: /behind (?:the |its |Stripe's |a provider's |the provider's )?idempotency layer/,
        why: 'an order of layers',
      },
    ],
  },
  {
    words: ['standing'],
    say: 'status, account flags',
    except: [
      {
        files: ['src/modules/settlements/**', 'test/**', 'docs/**'],
        why: 'one row of the standings of a contest',
      },
    ],
  },
  {
    words: ['standings'],
    say: 'statuses',
    except: [
      {
        files: [
          'src/modules/settlements/**',
          'src/demonstration/**',
          'test/**',
          'docs/**',
          'bench/**',
          'ARCHITECTURE.md',
          'CONTRIBUTING.md',
          'README.md',
          'CHANGELOG.md',
        ],
        why: 'the ranking of a contest (glossary)',
      },
    ],
  },
  {
    words: ['wall', 'walls'],
    say: 'row-level security, isolation',
    except: [{ text: /wall[- ]clock|wall time/i, why: 'a term of time measurement' }],
  },
  { words: ['door', 'doors'], say: 'entry point, authentication pool' },
  { words: ['house', 'houses'], say: 'project, the rules of the project' },
  { words: ['ground'], say: 'fixture, baseline' },
  {
    words: ['arrow', 'arrows'],
    say: 'dependency',
    except: [{ text: /[Aa]rrow(?: )?[Ff]unction/, why: 'a term of JavaScript' }],
  },
  { words: ['deed', 'deeds'], say: 'action, access change' },
  { words: ['twin', 'twins'], say: 'second installation, copy' },
  { words: ['lure', 'lures'], say: 'phishing link' },
  { words: ['trap'], say: 'phishing link', except: [{ files: ['.ci/**'], why: 'a command of the shell' }] },
  { words: ['squatter', 'squatters'], say: 'an account registered by someone else' },
  {
    words: ['ring', 'rings'],
    say: 'alert',
    except: [{ text: /key[- ]?rings?/i, why: 'a term of cryptography' }],
  },
  { words: ['doubt', 'doubts', 'doubted'], say: 'ambiguity, ambiguous' },
  { words: ['reaction', 'reactions', 'react', 'reacts'], say: 'event handler, handle' },
  { words: ['consequence', 'consequences'], only: 'names', say: 'effect, outcome' },
  { words: ['gathering', 'gatherings'], say: 'request batcher' },
  { words: ['belonging', 'belongings'], say: 'membership' },
  { words: ['inside'], only: 'names', say: 'active member, within' },
  { words: ['tally', 'tallies'], say: 'summary' },
  { words: ['fate', 'fates'], say: 'result, step result' },
  { words: ['turn', 'turns'], only: 'names', say: 'account worker, event-loop tick, round' },
  { words: ['readmit', 'readmits', 'readmitted'], say: 'reauthenticate' },
];

const PHRASES = [
  {
    phrase: 'let in',
    match: /\b(?:let|lets|letting) (?:(?!in )\w+ ){0,3}in\b/i,
    say: 'admits, authenticates, accepts',
  },
  { phrase: 'goes out', match: /\b(?:go|goes|going|gone|went) out\b(?! of\b)/i, say: 'is sent' },
  { phrase: 'the short way', match: /\bshort way\b/i, say: 'cached response' },
  { phrase: 'at the door', match: /\bat (?:the|its|our) door\b/i, say: 'before authentication' },
  {
    phrase: 'comes in',
    match: /\b(?:come|comes|coming|came) in\b(?! (?:\w+ ){0,2}order\b)/i,
    say: 'arrives, signs in',
  },
  { phrase: 'shut out', match: /\b(?:shut|shuts|shutting) (?:\w+ ){0,2}out\b/i, say: 'disabled' },
  {
    phrase: 'taken out',
    match: /\btaken out\b/i,
    say: 'removed',
    except: [{ text: /money (?:put in or )?taken out/, why: 'money that left an account' }],
  },
  {
    phrase: 'a turn',
    match: /\b(?:a|the|its|one|last|next|each|every|this|that|whose|own|same) turns?\b/i,
    say: 'run, tick, round',
  },
];

const NAMES = [
  { names: ['KeptPages', 'KeptPage', 'KeptPageHook', 'PassedCallers'], say: 'ListResponseCache, CachedList' },
  { names: ['OnceATurn'], say: 'RequestCoalescer' },
  {
    names: ['Gathering', 'AnswersTogether', 'WorkTogether', 'runTogether', 'runAtOnce'],
    say: 'RequestBatcher, runBatched, runSingle',
  },
  { names: ['together', 'writeLast'], say: 'combineStatements, writeAndCommit' },
  { names: ['Answer', 'IdempotentAnswer'], say: 'Response, IdempotentResponse' },
  { names: ['TellList', 'TellConsumer'], say: 'DeliverBatch, DeliverToConsumer' },
  { names: ['OutboxCare'], say: 'OutboxMaintenance' },
  { names: ['Turn', 'aheadMax'], say: 'AccountWorker, prefetchLimit' },
  {
    names: ['Consequences', 'carryOut', 'passOn', 'whyNot'],
    say: 'TransferEffects, apply, propagate, refusalReason',
  },
  {
    names: ['KeepPayouts', 'EndPayouts', 'StartPayouts'],
    say: 'SavePayouts, FinalizePayouts, DispatchPayouts',
  },
  {
    names: ['TransferStanding', 'holdStandings', 'changeStanding', 'updateStanding'],
    say: 'TransferStatusView, lockStatuses, updateAccountFlags',
  },
  { names: ['ThreeWays'], say: 'CompositeAuthenticator' },
  {
    names: ['KnownKeys', 'KnownSwitches', 'KnownRails', 'KNOWN_FOR_MS'],
    say: 'PrincipalCache, FeatureCache, RailAccountCache, …_CACHE_TTL_MS',
  },
  {
    names: ['readmitPerson', 'CallerWrites', 'withAccess'],
    say: 'reauthenticateUser, AuthorizedTransaction',
  },
  { names: ['RevokeKeysBehind'], say: 'RevokeDerivedKeys' },
  { names: ['Askers', 'askedBy', 'askedOf', 'askerOf'], say: 'RequesterCheck, requestedBy, grantedRole' },
  { names: ['Keeper', 'keeperOf'], say: 'TenantActor' },
  { names: ['soleBelonging', 'belongingsOf'], say: 'soleMembership, membershipsOf' },
  { names: ['Deed', 'AccessEnded'], say: 'AccessChange, AccessRevocation' },
  { names: ['PersonInside', 'insideOf'], say: 'AuthenticatedUser, activeMemberships' },
  { names: ['runWithoutTenant'], say: 'runAcrossTenants' },
  { names: ['Runner', 'RunTenants'], say: 'PlatformAdmin, TenantAdministration' },
  { names: ['Tried', 'mustBeRight', 'too_often'], say: 'PasswordCheck, assertPasswordValid, rate_limited' },
  {
    names: ['Intake', 'Fate', 'Tally', 'DueQuestion'],
    say: 'SettlementUpload, StepResult, RunSummaryBuilder, DueQuery',
  },
  {
    names: ['AtMost', 'LinesOfATurn', 'ExportPlaces'],
    say: 'ConcurrencyLimit, TickBufferedStream, ExportSlots',
  },
  {
    names: ['InFlight'],
    say: 'SingleFlight',
    except: [
      {
        text: /inFlight|in_flight|IN_FLIGHT|in-flight|TransferInFlight/,
        why: 'of requests; only the class has another name',
      },
    ],
  },
  {
    names: ['MADE_BY_ANOTHER', 'isShutOut', 'isHeldByAnother'],
    say: 'CONCURRENT_ACCOUNT_INSERT, isAccessDenied, isKeyConflict',
  },
];

module.exports = [...NOWHERE, ...TERMS, ...PHRASES, ...NAMES].map((entry) => ({
  ...entry,
  except: [...(entry.except ?? []), GLOSSARY],
}));

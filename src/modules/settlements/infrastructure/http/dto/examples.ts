/**
 * Bodies that are accepted as they are, with payees of the demonstration. Without them Swagger UI generates one
 * body with all fields, which is rejected.
 */
const FACTS = { contest_id: 'contest-2041', currency: 'USD', pool: '1000.00' };

export const FACTS_EXAMPLES = {
  awards: {
    summary: 'With awards',
    value: {
      ...FACTS,
      platform_share: '100.00',
      awards: [
        { external_id: 'demo-player-1', amount: '450.00', rank: 1 },
        { external_id: 'demo-player-2', amount: '270.00', rank: 2 },
        { external_id: 'demo-player-3', amount: '180.00', rank: 3 },
      ],
    },
  },
  standings: {
    summary: 'With standings: the awards are computed',
    value: {
      ...FACTS,
      platform_share_bps: 1_000,
      structure: [50, 30, 20],
      standings: [
        { external_id: 'demo-player-1', rank: 1 },
        { external_id: 'demo-player-2', rank: 2 },
        { external_id: 'demo-player-3', rank: 3 },
      ],
    },
  },
};

const CSV =
  'external_id,amount,rank\ndemo-player-1,450.00,1\ndemo-player-2,270.00,2\ndemo-player-3,180.00,3\n';

/**
 * The same awards as lines. Swagger UI sends text of every JSON media type as one JSON string, which is not
 * NDJSON. So CSV comes first, and NDJSON is sent as a file.
 */
export const STREAM_CONTENT = {
  'text/csv': { schema: { type: 'string', example: CSV } },
  'application/x-ndjson': {
    schema: {
      type: 'string',
      format: 'binary',
      description: 'Lines such as `{"external_id":"demo-player-1","amount":"450.00","rank":1}`',
    },
  },
};

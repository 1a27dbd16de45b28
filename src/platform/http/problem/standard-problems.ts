interface StandardProblem {
  readonly code: string;
  readonly detail: string;
}

/** What is said where nothing more precise is known: framework errors keep their own texts to themselves. */
const STANDARD: Readonly<Record<number, StandardProblem>> = {
  400: { code: 'bad_request', detail: 'The request cannot be read.' },
  401: {
    code: 'unauthenticated',
    detail: 'Send a valid API key in the header X-API-Key, an access token, or log in.',
  },
  403: { code: 'forbidden', detail: 'This is not allowed for you.' },
  404: { code: 'not_found', detail: 'There is nothing here.' },
  405: { code: 'method_not_allowed', detail: 'This method is not allowed here; see the header Allow.' },
  406: { code: 'not_acceptable', detail: 'The answer cannot be given in the format asked for.' },
  408: { code: 'request_timeout', detail: 'The request did not arrive in time.' },
  409: { code: 'conflict', detail: 'The state of things does not allow this.' },
  413: { code: 'body_too_large', detail: 'The body is larger than this route takes.' },
  414: { code: 'uri_too_long', detail: 'The address is too long.' },
  415: { code: 'unsupported_media_type', detail: 'This content type or character set is not taken here.' },
  422: { code: 'validation_failed', detail: 'The content is not valid.' },
  429: { code: 'rate_limited', detail: 'Too many requests. Wait as long as Retry-After says.' },
  431: { code: 'headers_too_large', detail: 'The headers are too large.' },
  500: {
    code: 'internal_error',
    detail: 'Something went wrong on our side. Name the request id when you report it.',
  },
  503: { code: 'unavailable', detail: 'A part we depend on is not available. Try again shortly.' },
};

export function standardProblem(status: number): StandardProblem {
  return STANDARD[status] ?? (STANDARD[status < 500 ? 400 : 500] as StandardProblem);
}

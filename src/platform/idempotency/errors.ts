import { HttpProblem } from '../http';

export const KEY_MIN = 8;
export const KEY_MAX = 255;

export function keyMissing(): HttpProblem {
  return new HttpProblem(
    400,
    'idempotency_key_missing',
    'Send the header Idempotency-Key: a new one for every new request, the same one to repeat it.',
  );
}

export function keyInvalid(): HttpProblem {
  return new HttpProblem(
    400,
    'idempotency_key_invalid',
    `Idempotency-Key must be ${KEY_MIN} to ${KEY_MAX} visible ASCII characters.`,
  );
}

export function keyReused(): HttpProblem {
  return new HttpProblem(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key was used with other content, or on another route.',
  );
}

export function keyInUse(): HttpProblem {
  return new HttpProblem(
    409,
    'idempotency_key_in_use',
    'The first request with this Idempotency-Key is still running.',
    { headers: { 'retry-after': '2' } },
  );
}

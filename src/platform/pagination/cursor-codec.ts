import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Position } from '../../kernel/page-window';
import { HttpProblem } from '../http';

const MAC_BYTES = 16;
const SECRET_BYTES_MIN = 32;

export interface Cursor {
  readonly position: Position;
  /** True for the page before the position. */
  readonly backwards: boolean;
}

/**
 * Cursors that nobody else can make. The MAC covers `binding` (tenant, route, filters, sort), so a cursor of
 * one tenant or one filter is broken everywhere else, and a position never needs to be distrusted.
 */
export class CursorCodec {
  constructor(private readonly secret: string) {
    if (Buffer.byteLength(secret) < SECRET_BYTES_MIN)
      throw new Error(`the secret of cursors must have at least ${SECRET_BYTES_MIN} bytes`);
  }

  encode(binding: string, cursor: Cursor): string {
    const payload = Buffer.from(JSON.stringify([cursor.backwards ? 1 : 0, ...cursor.position]));
    return Buffer.concat([this.mac(binding, payload), payload]).toString('base64url');
  }

  /** @throws HttpProblem `invalid_cursor` (400) */
  decode(binding: string, text: string): Cursor {
    const bytes = Buffer.from(text, 'base64url');
    const payload = bytes.subarray(MAC_BYTES);
    // Base64 forgives: the text must be the one way we write these bytes.
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== text) throw invalidCursor();
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.mac(binding, payload))) throw invalidCursor();
    const [backwards, ...position] = JSON.parse(payload.toString()) as [number, ...string[]];
    return { backwards: backwards === 1, position };
  }

  private mac(binding: string, payload: Buffer): Buffer {
    return createHmac('sha256', this.secret)
      .update(`${Buffer.byteLength(binding)}:${binding}`)
      .update(payload)
      .digest()
      .subarray(0, MAC_BYTES);
  }
}

function invalidCursor(): HttpProblem {
  return new HttpProblem(
    400,
    'invalid_cursor',
    'This cursor is broken, or belongs to another list or other filters. Start again without it.',
  );
}

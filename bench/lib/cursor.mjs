import { dist } from './world.mjs';

/** A reader who had gone through the rows before would hold this cursor. */
export async function cursorAfter(world, { table, path, skipped }) {
  const { CursorCodec } = dist('platform/pagination/cursor-codec.js');
  const { canonical } = dist('kernel/canonical-json.js');
  const [{ id }] = await world.sql(
    `SELECT id FROM ${table} WHERE tenant_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1`,
    [world.tenant, skipped],
  );
  return new CursorCodec(world.keys.CURSOR_SECRET).encode(canonical([world.tenant, path, {}]), {
    position: [id],
    backwards: false,
  });
}

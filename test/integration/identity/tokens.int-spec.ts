import { createHmac, createPrivateKey, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { AccessTokens } from '../../../src/modules/identity/access/application/ports';
import { newId } from '../../../src/kernel/ids';
import { IdentityWorld, type Pair, type TestUser } from './support/identity-world';

/** That of IDENTITY_TESTED. */
const KEY = Buffer.alloc(32, 9);

let w: IdentityWorld;

beforeAll(async () => {
  w = await IdentityWorld.start();
});
afterAll(() => w.close());

const refresh = (token: string) => w.ask('POST', '/auth/refresh', { refresh_token: token });
const pairOf = async (token: string) => (await refresh(token)).body as unknown as Pair;
const events = (name: string) => w.t.log.lines.filter(({ event }) => event === `security.${name}`).length;
const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as Record<string, unknown>;

describe('a pair of tokens', () => {
  it('works for minutes, in the chosen tenant, also after a refresh', async () => {
    const [a, b] = [await w.tenant(), await w.tenant()];
    const ann = await w.user([
      [a, 'operator'],
      [b, 'analyst'],
    ]);
    const pair = await w.tokens(ann, { tenant_id: a.id });
    expect(pair).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: expect.stringMatching(/^dr_[\w-]{43}$/),
    });
    const next = await pairOf(pair.refresh_token);
    for (const { access_token: token } of [pair, next]) {
      expect(claimsIn(token)).toMatchObject({ iss: 'disburse', aud: 'disburse-api', sub: ann.id });
      expect((await w.withToken(token, '/tenant/settings')).status).toBe(200);
      expect((await w.withToken(token, '/tenant/settings', { 'x-tenant-id': b.id })).body['code']).toBe(
        'tenant_not_found',
      );
    }
    const free = await w.tokens(ann);
    expect((await w.withToken(free.access_token, '/tenant/settings')).body['code']).toBe('tenant_required');
    expect((await w.withToken(free.access_token, '/tenant/settings', { 'x-tenant-id': b.id })).status).toBe(
      200,
    );
  });

  it('is not issued for a tenant of another user', async () => {
    const { email } = await w.user();
    for (const tenant of [(await w.tenant()).id, newId()]) {
      const response = await w.ask('POST', '/auth/token', {
        email,
        password: 'seven green elephants sing',
        tenant_id: tenant,
      });
      expect(response.body).toMatchObject({ status: 404, code: 'tenant_not_found' });
    }
  });

  it.each([
    ['/auth/token', { tenant_id: null }],
    ['/auth/login', { remember: null }],
  ])('is rejected with invalid values: %s %j', async (path, none) => {
    const { email } = await w.user();
    expect(
      (await w.ask('POST', path, { email, password: 'seven green elephants sing', ...none })).body,
    ).toMatchObject({ status: 422, code: 'validation_failed' });
  });

  it('needs no CSRF token, since no browser adds it by itself', async () => {
    const tenant = await w.tenant();
    const { access_token: token } = await w.tokens(await w.user([[tenant, 'tenant_admin']]));
    const invite = { email: 'bob@example.com', name: 'Bob', role: 'analyst' };
    expect((await w.ask('POST', '/users', invite, { authorization: `Bearer ${token}` })).status).toBe(201);
  });

  it('is stored as hashes only', async () => {
    const ann = await w.user();
    const { refresh_token: token } = await w.tokens(ann);
    const rows = await w.sql<{ row: string }>(
      `SELECT t::text || f::text AS row FROM identity.refresh_tokens t JOIN identity.refresh_families f
        ON f.id = t.family_id WHERE f.user_id = $1`,
      [ann.id],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toContain(token.slice(3));
  });

  it.each(['logout', 'revoke'])('ends as a whole by %s', async (way) => {
    const pair = await w.tokens(await w.user());
    const next = await pairOf(pair.refresh_token);
    expect((await w.withToken(next.access_token)).status).toBe(200);
    const response =
      way === 'logout'
        ? await w.ask('POST', '/auth/logout', undefined, { authorization: `Bearer ${next.access_token}` })
        : await w.ask('POST', '/auth/revoke', { refresh_token: next.refresh_token });
    expect(response.status).toBe(204);
    expect((await w.withToken(pair.access_token)).status).toBe(401);
    expect((await w.withToken(next.access_token)).status).toBe(401);
    expect((await refresh(next.refresh_token)).status).toBe(401);
  });

  it('is revoked with the same response when it is unknown', async () => {
    for (const token of [`dr_${'A'.repeat(43)}`, 'x'])
      expect((await w.ask('POST', '/auth/revoke', { refresh_token: token })).status).toBe(204);
  });

  it('bumps the epoch once, however often it is revoked', async () => {
    const tenant = await w.tenant();
    const { refresh_token: token } = await w.tokens(await w.user([[tenant, 'analyst']]));
    const epoch = async () =>
      Number(
        (
          await w.sql<{ epoch: string }>('SELECT epoch FROM platform.access_epochs WHERE tenant_id = $1', [
            tenant.id,
          ])
        )[0]?.epoch ?? 0,
      );
    const before = await epoch();
    for (let i = 0; i < 3; i++)
      expect((await w.ask('POST', '/auth/revoke', { refresh_token: token })).status).toBe(204);
    expect(await epoch()).toBe(before + 1);
  });
});

describe('a refresh token', () => {
  it('that is used ten times at once returns one new pair, which works', async () => {
    const { refresh_token: token } = await w.tokens(await w.user());
    const responses = await Promise.all(Array.from({ length: 10 }, () => refresh(token)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(401)]);
    const winner = responses.find(({ status }) => status === 200)?.body as unknown as Pair;
    expect((await refresh(winner.refresh_token)).status).toBe(200);
  });

  it('that is used again ends its family, since one of its two holders has stolen it', async () => {
    const ann = await w.user();
    const first = await w.tokens(ann);
    const other = await w.tokens(ann);
    const second = await pairOf(first.refresh_token);
    const before = events('refresh_reused');
    const reused = await refresh(first.refresh_token);
    expect([reused.status, reused.body['code']]).toEqual([401, 'invalid_refresh_token']);
    expect(events('refresh_reused')).toBe(before + 1);
    expect((await refresh(second.refresh_token)).status).toBe(401);
    expect((await w.withToken(second.access_token)).status).toBe(401);
    expect((await refresh(other.refresh_token)).status).toBe(200);
  });

  it.each([
    ['after 30 days, however busy', `created_at = now() - interval '30 days', expires_at = now()`],
    ['after a week without use', `last_used_at = now() - interval '7 days'`],
  ])('is rejected %s', async (_what, change) => {
    const ann = await w.user();
    const { refresh_token: token } = await w.tokens(ann);
    await w.sql(`UPDATE identity.refresh_families SET ${change} WHERE user_id = $1`, [ann.id]);
    expect((await refresh(token)).body).toMatchObject({ status: 401, code: 'invalid_refresh_token' });
  });

  it('does not live longer by being used', async () => {
    const ann = await w.user();
    const { refresh_token: token } = await w.tokens(ann);
    const end = async () =>
      (
        await w.sql<{ at: Date }>(
          'SELECT expires_at AS at FROM identity.refresh_families WHERE user_id = $1',
          [ann.id],
        )
      )[0]?.at;
    const before = await end();
    await refresh(token);
    expect(await end()).toEqual(before);
  });

  it.each(['', 'x', `dr_${'A'.repeat(43)}`, `ds_${'A'.repeat(43)}`])(
    'that was never issued is rejected: "%s"',
    async (token) => {
      expect([401, 422]).toContain((await refresh(token)).status);
    },
  );
});

describe('a forged access token', () => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = () => Math.floor(Date.now() / 1000);
  let ann: TestUser;
  let genuine: string;
  let claims: Record<string, unknown>;
  const header = { alg: 'HS256', typ: 'at+jwt', kid: 't' };

  beforeAll(async () => {
    ann = await w.user();
    genuine = (await w.tokens(ann)).access_token;
    claims = claimsIn(genuine);
  });

  const hmac = (head: object, body: object, key: Buffer | string = KEY, hash = 'sha256') => {
    const text = `${encode(head)}.${encode(body)}`;
    return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
  };
  const without = (name: string) =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

  it('is rejected while the unchanged token works', async () => {
    expect((await w.withToken(genuine)).status).toBe(200);
    expect((await w.withToken(hmac(header, claims))).status).toBe(200);
  });

  const ATTACKS: Record<string, () => string> = {
    'no algorithm': () => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
    'no algorithm, with the genuine signature': () =>
      `${encode({ ...header, alg: 'none' })}.${encode(claims)}.${genuine.split('.')[2]}`,
    'no signature': () => `${genuine.split('.').slice(0, 2).join('.')}.`,
    'another key': () => hmac(header, claims, randomBytes(32)),
    'an empty key': () => hmac(header, claims, ''),
    'HS512 by the right key': () => hmac({ ...header, alg: 'HS512' }, claims, KEY, 'sha512'),
    'RS256 by a key of the forger': () => {
      const { privateKey } = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      });
      const text = `${encode({ ...header, alg: 'RS256' })}.${encode(claims)}`;
      const signature = createSign('RSA-SHA256').update(text).sign(createPrivateKey(privateKey));
      return `${text}.${signature.toString('base64url')}`;
    },
    'an unknown key id': () => hmac({ ...header, kid: 'x' }, claims),
    'no key id': () => hmac({ alg: 'HS256', typ: 'at+jwt' }, claims),
    'a key of its own in the header': () =>
      hmac(
        { ...header, jwk: { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') } },
        claims,
        Buffer.alloc(32, 1),
      ),
    'an unknown critical header': () => hmac({ ...header, crit: ['exp2'], exp2: 1 }, claims),
    'another type': () => hmac({ ...header, typ: 'JWT' }, claims),
    'no type': () => hmac({ alg: 'HS256', kid: 't' }, claims),
    'another audience': () => hmac(header, { ...claims, aud: 'other-api' }),
    'no audience': () => hmac(header, without('aud')),
    'another issuer': () => hmac(header, { ...claims, iss: 'another' }),
    'no expiry': () => hmac(header, without('exp')),
    'an expiry too far away': () => hmac(header, { ...claims, exp: now() + 86_400 }),
    'an expiry in the past': () => hmac(header, { ...claims, iat: now() - 700, exp: now() - 100 }),
    'a time of issue too long ago': () => hmac(header, { ...claims, iat: now() - 1_000, exp: now() + 60 }),
    'a time of issue in the future': () =>
      hmac(header, { ...claims, iat: now() + 3_600, exp: now() + 4_200 }),
    'no subject': () => hmac(header, without('sub')),
    'no family': () => hmac(header, without('fam')),
    'the family of another user': () => hmac(header, { ...claims, sub: newId() }),
    'an unknown family': () => hmac(header, { ...claims, fam: newId() }),
    'changed claims under the genuine signature': () =>
      [genuine.split('.')[0], encode({ ...claims, sub: newId() }), genuine.split('.')[2]].join('.'),
    'nothing in it': () => '',
    'two dots': () => '..',
    'JSON for a token': () => encode({ payload: claims }),
  };

  it.each(Object.keys(ATTACKS))('with %s is rejected', async (attack) => {
    const response = await w.withToken((ATTACKS[attack] as () => string)());
    expect([response.status, response.body['code']]).toEqual([401, 'unauthenticated']);
  });

  it('is no refresh token, session or key, and none of these is an access token', async () => {
    const { refresh_token: token } = await w.tokens(ann);
    const { cookie } = await w.signedIn(ann);
    const caller = await w.t.caller();
    for (const other of [token, cookie?.split('=')[1] as string, caller.secret])
      expect((await w.withToken(other)).status).toBe(401);
    expect((await refresh(genuine)).status).toBe(401);
    expect(
      (await w.ask('GET', '/auth/profile', undefined, { cookie: `__Host-disburse_session=${token}` })).status,
    ).toBe(401);
    expect((await w.ask('GET', '/auth/profile', undefined, { 'x-api-key': genuine })).status).toBe(401);
    expect(
      (await w.ask('GET', '/auth/profile', undefined, { authorization: `Basic ${genuine}` })).status,
    ).toBe(401);
  });

  it('is read as null, never as an error', async () => {
    expect(await w.get(AccessTokens).read('x.y.z')).toBeNull();
  });
});

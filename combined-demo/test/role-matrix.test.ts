import { sign } from 'node:crypto';
import type { RouteContract } from '@lab/shared/http';
import { type DatabaseEngine, eachDatabase, onDatabase, type SendRequest, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openDemo, operator } from './demo-app.ts';

const password = 'correct horse battery staple';

const tokensSchema = z.object({ access_token: z.string(), session_id: z.string() });
const problemSchema = z.object({ code: z.string() });

type Who = 'nobody' | 'shopper' | 'other shopper' | 'manager' | 'admin' | 'ended session' | 'expired token';

const emails: Readonly<Record<string, string>> = {
  shopper: 'demo-alice@example.com',
  'other shopper': 'demo-bob@example.com',
  manager: 'demo-manager@example.com',
  admin: 'demo-admin@example.com',
  'ended session': 'demo-admin@example.com',
};

/** As contracts-commerce has them, spelled out, so that a change of the roles shows here. */
const permissions: Readonly<Record<string, readonly string[]>> = {
  manager: ['catalog:write', 'stock:write', 'orders:manage', 'payments:refund'],
  admin: [
    ...['catalog:write', 'stock:write', 'orders:manage', 'payments:refund'],
    ...['accounts:manage', 'audit:read', 'config:write'],
  ],
};

/** What finding the caller must come to. `in`: the route itself answers, whatever that is. */
const expectedOf = ({ caller, permission }: RouteContract, who: Who): string => {
  if (caller === undefined) return 'in';
  if (who === 'nobody') return 'missing_credentials';
  if (who === 'ended session' || who === 'expired token') return 'invalid_token';
  if (permission !== undefined) return permissions[who]?.includes(permission) ? 'in' : 'forbidden';
  return caller === 'operator' ? 'forbidden' : 'in';
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const logInAs = async (request: SendRequest, who: string) => {
  const { body } = await request('POST', '/sessions', { json: { email: emails[who] ?? '', password } });
  return tokensSchema.parse(body);
};

const openMatrix = async (url: string) => {
  const { app, db } = await openDemo(url);
  const { request } = await startApp(app);

  /** A token that was good until a minute ago. */
  const signExpired = async (): Promise<string> => {
    const row = await db.selectFrom('account_keys').selectAll().executeTakeFirstOrThrow();
    const issued = Math.floor(Date.now() / 1000) - 700;
    const { session_id: sid } = await logInAs(request, 'admin');
    const claims = { iss: 'ecommerce-lab', aud: 'ecommerce-lab', sub: '4', iat: issued, exp: issued + 640 };
    const payload = encode({ ...claims, jti: 'expired', sid, roles: ['admin'] });
    const signed = `${encode({ alg: 'EdDSA', typ: 'at+jwt', kid: row.id })}.${payload}`;
    const key = { key: JSON.parse(row.private_jwk ?? ''), format: 'jwk' } as const;
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
  };

  /** A new session each time, because some routes end it. */
  const credentialsOf = async (who: Who): Promise<Record<string, string>> => {
    if (who === 'nobody') return {};
    if (who === 'expired token') return { Authorization: `Bearer ${await signExpired()}` };
    const { access_token } = await logInAs(request, who);
    const headers = { Authorization: `Bearer ${access_token}` };
    if (who === 'ended session') await request('DELETE', '/sessions/current', { headers });
    return headers;
  };

  return { app, request, credentialsOf };
};

const everyone: readonly Who[] = [
  ...(['nobody', 'shopper', 'other shopper', 'manager'] as const),
  ...(['admin', 'ended session', 'expired token'] as const),
];

const refusals = ['missing_credentials', 'invalid_token', 'forbidden'];

const pathOf = ({ path }: RouteContract): string => path.replaceAll(/[:*]\w+/g, '1');

const onEngines = process.env.FULL_PROOF
  ? eachDatabase
  : (suite: (engine: DatabaseEngine) => void) => onDatabase('sqlite', suite);

onEngines((engine) => {
  it('lets each caller into exactly the routes that the contracts name', { timeout: 120_000 }, async () => {
    const { url } = await engine.open();
    const { app, request, credentialsOf } = await openMatrix(url);
    const wrong: string[] = [];
    for (const contract of app.contracts) {
      for (const who of everyone) {
        const headers = await credentialsOf(who);
        // Without a body: what needs one is refused after the caller is known.
        const { body } = await request(contract.method, pathOf(contract), { headers });
        const code = problemSchema.safeParse(body).data?.code ?? '';
        const came = refusals.includes(code) ? code : 'in';
        const expected = expectedOf(contract, who);
        if (came !== expected) wrong.push(`${contract.name} as ${who}: ${came} instead of ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("each route for staff names a permission, and the operators' token opens all of them", async () => {
    const { url } = await engine.open();
    const { app, request } = await openMatrix(url);
    const operatorRoutes = app.contracts.filter(({ caller }) => caller === 'operator');
    expect(operatorRoutes.length).toBeGreaterThan(3);
    const withoutPermission = operatorRoutes.filter(({ permission }) => permission === undefined);
    expect(withoutPermission.map(({ name }) => name)).toEqual([]);
    for (const contract of operatorRoutes) {
      const { body } = await request(contract.method, pathOf(contract), { headers: operator });
      expect(refusals, contract.name).not.toContain(problemSchema.safeParse(body).data?.code);
    }
  });
});

import { defineProblem, defineRoute, rateLimited, serviceUnavailable, storableText } from '@lab/shared/http';
import { z } from 'zod';
import { credentialsSchema, invalidCredentials } from '../accounts/account-schemas.ts';
import { exampleId, exampleInstant, instant, opaqueToken, ownRoute, tag } from '../contract-parts.ts';
import { publicJwkSchema } from './signing-keys.ts';

const emailNotVerified = defineProblem({
  code: 'email_not_verified',
  status: 403,
  title: 'The address is not verified yet',
  explanation:
    'The password is right, but the account exists only once its address is verified. Use the token of the mail with `POST /accounts/verify`, or register again for another mail.',
});

const invalidRefreshToken = defineProblem({
  code: 'invalid_refresh_token',
  status: 401,
  title: 'The refresh token is not valid',
  explanation: 'The token is unknown, or its session has ended or expired. Log in again.',
});

const refreshTokenReused = defineProblem({
  code: 'refresh_token_reused',
  status: 401,
  title: 'The refresh token was used before',
  explanation:
    'A refresh token works once. Someone else may have a copy, so the session has ended, for both. Log in again.',
});

const sessionNotFound = defineProblem({
  code: 'session_not_found',
  status: 404,
  title: 'You have no such session',
  explanation: '`GET /sessions` lists your sessions.',
});

export const sessionProblems = { emailNotVerified, invalidRefreshToken, refreshTokenReused, sessionNotFound };

const exampleRefreshToken = 'AZoAAAAAcACAAAAAAAAAAQAAAAFpbGx1c3RyYXRpb24gb25seSwgbm90IGEgdG9rZW4uLi4';

const tokensSchema = z
  .strictObject({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().min(0).meta({ description: 'Seconds until the access token expires' }),
    refresh_token: z.string(),
    refresh_expires_in: z
      .int()
      .min(0)
      .meta({ description: 'Seconds until the session expires, however often it is refreshed' }),
    session_id: z.uuid(),
  })
  .meta({
    id: 'accounts.Tokens',
    example: {
      access_token: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln',
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: exampleRefreshToken,
      refresh_expires_in: 2_592_000,
      session_id: exampleId,
    },
  });

export const logIn = defineRoute({
  method: 'POST',
  path: '/sessions',
  name: 'logIn',
  summary: 'Log in: begin a session',
  tag,
  body: credentialsSchema,
  responses: { 200: { description: 'The tokens of a new session', body: tokensSchema } },
  problems: [invalidCredentials, emailNotVerified, rateLimited, serviceUnavailable],
});

export const refreshSession = defineRoute({
  method: 'POST',
  path: '/sessions/refresh',
  name: 'refreshSession',
  summary: 'Exchange a refresh token for a new pair',
  description:
    'Each refresh token works once. Sent again shortly after, it is answered with the same successor; later, it ends the session. Take the token from `POST /sessions`: the one in the example is made up.',
  tag,
  body: z
    .strictObject({ refresh_token: opaqueToken() })
    .meta({ id: 'accounts.RefreshRequest', example: { refresh_token: exampleRefreshToken } }),
  responses: {
    200: { description: 'A new access token, and the refresh token to use next', body: tokensSchema },
  },
  problems: [invalidRefreshToken, refreshTokenReused, serviceUnavailable],
});

const sessionSchema = z
  .strictObject({
    id: z.uuid(),
    created_at: instant(),
    last_used_at: instant().meta({ description: 'The last log in or refresh' }),
    user_agent: z.string().nullable(),
    current: z.boolean().meta({ description: 'Whether this request belongs to it' }),
  })
  .meta({
    id: 'accounts.Session',
    example: {
      id: exampleId,
      created_at: exampleInstant,
      last_used_at: exampleInstant,
      user_agent: 'curl/8.14.1',
      current: true,
    },
  });

export const listSessions = defineRoute({
  ...ownRoute,
  method: 'GET',
  path: '/sessions',
  name: 'listSessions',
  summary: 'List your own live sessions, newest first',
  responses: {
    200: { description: 'The latest 100', body: z.strictObject({ items: z.array(sessionSchema) }) },
  },
  problems: [serviceUnavailable],
});

export const endSessions = defineRoute({
  ...ownRoute,
  method: 'DELETE',
  path: '/sessions',
  name: 'endSessions',
  summary: 'Log out everywhere',
  responses: { 204: { description: 'All of your sessions have ended' } },
  problems: [serviceUnavailable],
});

export const endCurrentSession = defineRoute({
  ...ownRoute,
  method: 'DELETE',
  path: '/sessions/current',
  name: 'endCurrentSession',
  summary: 'Log out',
  responses: { 204: { description: 'The session of the access token has ended, if it is one of a session' } },
  problems: [serviceUnavailable],
});

export const endSession = defineRoute({
  ...ownRoute,
  method: 'DELETE',
  path: '/sessions/:id',
  name: 'endSession',
  summary: 'End one of your sessions',
  description: 'Use an id of `GET /sessions`: the one in the example is made up.',
  params: z.strictObject({ id: storableText(1, 64).meta({ example: exampleId }) }),
  responses: { 204: { description: 'The session has ended, now or earlier' } },
  problems: [sessionNotFound, serviceUnavailable],
});

export const readJwks = defineRoute({
  method: 'GET',
  path: '/.well-known/jwks.json',
  name: 'readJwks',
  summary: 'Read the public keys that verify access tokens',
  tag,
  responses: {
    200: {
      description: 'A JWK Set (RFC 7517)',
      body: z.strictObject({ keys: z.array(publicJwkSchema) }),
      headers: { 'Cache-Control': 'Verifiers may keep the keys for a minute' },
      example: {
        keys: [
          {
            kty: 'OKP',
            crv: 'Ed25519',
            x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
            kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
            use: 'sig',
            alg: 'EdDSA',
          },
        ],
      },
    },
  },
  problems: [serviceUnavailable],
});

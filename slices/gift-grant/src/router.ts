import {
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
  type Tag,
} from '@lab/shared/http';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { createGiftStore, type Gift, type GiftTables } from './gift-store.ts';
import type { Idempotency } from './idempotency.ts';
import type { IdempotencyTables } from './idempotency-keys.ts';
import { idempotent, oncePerKey } from './idempotent-route.ts';

export type GiftGrantTables = GiftTables & IdempotencyTables;

export interface GiftDeps {
  readonly db: Kysely<GiftGrantTables>;
  readonly idempotency: Idempotency;
  readonly now: () => Date;
  readonly newId: () => string;
}

export const tag: Tag = {
  name: 'gift-grant',
  description:
    'Grants a gift once per idempotency key. A repeated request, even a concurrent one or one after a crash, gets the first answer again and grants nothing.',
};

const giftNotFound = defineProblem({
  code: 'gift_not_found',
  status: 404,
  title: 'No gift has this id',
  explanation:
    'The id is wrong, or the gift belongs to another user. `POST /gift` returns the id of the gift that it grants.',
});

const userId = storableText(1, 64).meta({
  description: 'The user. A numeric id is shown as text.',
  example: '1',
});
// Carts identify users by number, other systems by name.
const givenUserId = z
  .union([userId, z.int().min(1)])
  .transform(String)
  .meta({
    description: 'Text, or a number that is converted to text: 42 and "42" are the same user',
    example: '1',
  });
const sku = storableText(1, 64);
const message = storableText(0, 280);

const exampleGift = {
  id: '019a0000-0000-7000-8000-000000000300',
  user_id: '1',
  sku: 'ICE-VANILLA-500',
  message: 'Happy birthday!',
  status: 'granted',
  created_at: '2026-11-20T12:00:00.000Z',
};

/** A gift as the API returns it, alone and in lists. */
export const giftSchema = z
  .strictObject({
    id: z.uuid(),
    user_id: userId,
    sku,
    message: message.nullable(),
    status: z.enum(['granted']),
    created_at: z.iso.datetime({ precision: 3 }),
  })
  .meta({ id: 'gift-grant.Gift', example: exampleGift });

/** Converts a gift to the form that the API returns. */
export const toJson = ({ userId: user_id, createdAt, ...gift }: Gift): z.output<typeof giftSchema> => ({
  id: gift.id,
  user_id,
  sku: gift.sku,
  message: gift.message,
  status: gift.status,
  created_at: createdAt.toISOString(),
});

const grantRequest = z.strictObject({ user_id: givenUserId, sku, message: message.optional() }).meta({
  id: 'gift-grant.GiftRequest',
  example: { user_id: '1', sku: 'ICE-VANILLA-500', message: 'Enjoy!' },
});

const grantGift = idempotent(
  defineRoute({
    method: 'POST',
    path: '/gift',
    name: 'grantGift',
    summary: 'Grant a gift once per idempotency key',
    description: 'Sending the same request again replays the first answer. A different body needs a new key.',
    tag,
    body: grantRequest,
    responses: {
      201: {
        description: 'The gift that this request or an earlier attempt granted',
        body: giftSchema,
        headers: { Location: 'Path of the gift' },
      },
    },
    problems: [serviceUnavailable],
  }),
  { keyInBody: true },
);

const readGift = defineRoute({
  method: 'GET',
  path: '/gifts/:id',
  name: 'readGift',
  summary: 'Read a gift',
  description:
    'Use an id from an answer of `POST /gift`. The id in the example belongs to a sample gift of the combined demo.',
  tag,
  params: z.strictObject({ id: storableText(1, 64).meta({ example: exampleGift.id }) }),
  responses: { 200: { description: 'The gift', body: giftSchema } },
  problems: [giftNotFound, serviceUnavailable],
});

/**
 * The routes of gift-grant. On their own they serve anyone. With `requireCaller`, only operators grant gifts, and
 * shoppers see only their own gifts.
 */
export const createGiftRouter = (deps: GiftDeps): ContractRouter => {
  const gifts = createGiftStore(deps.db, deps);

  const grant = route(grantGift).handle(
    oncePerKey(grantGift, deps, async (trx, { body, baseUrl }) => {
      const { user_id: userId, sku, message = null } = body;
      const gift = await createGiftStore(trx.withTables<GiftTables>(), deps).grant({ userId, sku, message });
      return { status: 201, headers: { Location: `${baseUrl}/gifts/${gift.id}` }, body: toJson(gift) };
    }),
  );

  const read = route(readGift).handle(async ({ params, caller }) => {
    const gift = await gifts.find(params.id);
    const isOthers = caller?.role === 'shopper' && gift?.userId !== String(caller.userId);
    if (!gift || isOthers) throw new ProblemError(giftNotFound);
    return { status: 200, body: toJson(gift) };
  });

  return createRouter([grant, read]);
};

import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
} from '@lab/shared/http';
import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import { createGiftStore, type Gift, type GiftTables } from './gift-store.ts';
import type { Idempotency } from './idempotency.ts';
import type { IdempotencyTables } from './idempotency-keys.ts';
import {
  idempotencyProblems,
  keyHeader,
  keyInBody,
  readIdempotencyKey,
  replayedHeader,
  replyTo,
  whileAwaited,
} from './idempotent-route.ts';

export type GiftGrantTables = GiftTables & IdempotencyTables;

/** What the idempotency of `POST /gift` is made for, but for the time that a key lives. */
export const grantOperation = { operation: 'POST /gift', statuses: [201] } as const;

export interface GiftDeps {
  readonly db: Kysely<GiftGrantTables>;
  readonly idempotency: Idempotency<201>;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Given: operators grant, shoppers see their own gifts and operators all. Else anybody may do either. */
  readonly callers?: Callers;
}

const tag = 'gift-grant';

const giftNotFound = defineProblem({
  code: 'gift_not_found',
  status: 404,
  title: 'No gift has this id',
  explanation: 'The id is wrong, or the gift is not yours to see.',
});

const userId = storableText(1, 64);
const sku = storableText(1, 64);
const message = storableText(0, 280);

/** A gift as it stands on the wire, alone and in lists. */
export const giftSchema = z
  .strictObject({
    id: z.uuid(),
    user_id: userId,
    sku,
    message: message.nullable(),
    status: z.enum(['granted']),
    created_at: z.iso.datetime({ precision: 3 }),
  })
  .meta({ id: 'Gift' });

export const showGift = ({ userId: user_id, createdAt, ...gift }: Gift): z.output<typeof giftSchema> => ({
  id: gift.id,
  user_id,
  sku: gift.sku,
  message: gift.message,
  status: gift.status,
  created_at: createdAt.toISOString(),
});

const grantRequest = z
  .strictObject({ user_id: userId, sku, message: message.optional(), idempotency_key: keyInBody.optional() })
  .meta({ id: 'GiftRequest', example: { user_id: '1', sku: 'MOCHI-6', message: 'Enjoy!' } });

const grantGift = (callers: Callers | undefined) =>
  defineRoute({
    method: 'POST',
    path: '/gift',
    name: 'grantGift',
    summary: 'Grant a gift, once for each idempotency key',
    tag,
    ...(callers && { caller: 'operator' }),
    headers: keyHeader,
    body: grantRequest,
    responses: {
      201: {
        description: 'The gift, granted by this request or by an earlier attempt',
        body: giftSchema,
        headers: { Location: 'Path of the gift', ...replayedHeader },
      },
    },
    problems: [...idempotencyProblems, serviceUnavailable],
  });

const readGift = (callers: Callers | undefined) =>
  defineRoute({
    method: 'GET',
    path: '/gifts/:id',
    name: 'readGift',
    summary: 'One gift',
    tag,
    ...(callers && { caller: 'either' }),
    params: z.strictObject({ id: storableText(1, 64) }),
    responses: { 200: { description: 'The gift', body: giftSchema } },
    problems: [giftNotFound, serviceUnavailable],
  });

/** The routes of gift-grant. */
export const createGiftRouter = (deps: GiftDeps): ContractRouter => {
  const { db, idempotency, callers } = deps;
  const gifts = createGiftStore(db, deps);
  const scope = callers ? 'operator' : 'anybody';

  const grant = route(grantGift(callers)).handle(async (req, res) => {
    const { idempotency_key, ...payload } = req.body;
    const key = readIdempotencyKey(req, idempotency_key);
    const work = async (trx: Transaction<IdempotencyTables>) => {
      const { user_id: userId, sku, message = null } = payload;
      const gift = await createGiftStore(trx.withTables<GiftTables>(), deps).grant({ userId, sku, message });
      const headers = { Location: `/gifts/${gift.id}` };
      return { status: 201 as const, headers, body: JSON.stringify(showGift(gift)) };
    };
    return replyTo(await idempotency.run(db, { scope, key, payload }, work, whileAwaited(res)));
  });

  const read = route(readGift(callers)).handle(async ({ params, caller }) => {
    const gift = await gifts.find(params.id);
    const isOthers = caller && 'userId' in caller && gift?.userId !== String(caller.userId);
    if (!gift || isOthers) throw new ProblemError(giftNotFound);
    return { status: 200, body: showGift(gift) };
  });

  return createRouter([grant, read], callers && { callers });
};

import { sql } from 'kysely';
import { type Answer, type Call, failure, metadataOf, missing, ok, wholeAmount } from './calls.ts';
import { findIntent, newId, type State, seconds, type Trx, tell } from './provider-state.ts';

export const createRefund = async (trx: Trx, { params, key, now }: Call): Promise<Answer> => {
  const id = params.get('payment_intent') ?? '';
  const intent = await findIntent(trx, id);
  if (intent === undefined) return missing('payment_intent');
  const amount = wholeAmount(params.get('amount'));
  const { refunded } = await trx
    .selectFrom('provider_intents')
    .select('refunded')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (amount === undefined || amount > intent.amount_received - refunded)
    return failure(400, { param: 'amount', message: 'The refund is larger than what is left' });
  const refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    currency: intent.currency,
    payment_intent: id,
    status: 'succeeded',
    metadata: metadataOf(params),
    created: seconds(now),
  };
  await trx
    .insertInto('provider_refunds')
    .values({ id: refund.id, intent_id: id, body: JSON.stringify(refund) })
    .execute();
  await trx
    .updateTable('provider_intents')
    .set({ refunded: refunded + amount })
    .where('id', '=', id)
    .execute();
  await tell(trx, { type: 'refund.created', object: refund, key, now });
  return ok(refund);
};

export const listRefunds = async (on: State, params: URLSearchParams): Promise<Answer> => {
  const limit = Math.min(Number(params.get('limit') ?? 10), 100);
  const after = params.get('starting_after');
  let page = on
    .selectFrom('provider_refunds')
    .select('body')
    .where('intent_id', '=', params.get('payment_intent') ?? '')
    .orderBy(sql`rowid`, 'desc')
    .limit(limit + 1);
  if (after !== null)
    page = page.where(sql<boolean>`rowid < (select rowid from provider_refunds where id = ${after})`);
  const rows = await page.execute();
  return ok({
    object: 'list',
    url: '/v1/refunds',
    has_more: rows.length > limit,
    data: rows.slice(0, limit).map(({ body }) => JSON.parse(body)),
  });
};

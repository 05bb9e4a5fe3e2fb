/** What the provider can do, in Stripe's words. Each operation is one transaction with its idempotency key and its events. */
import { type Answer, type Call, failure, metadataOf, missing, ok, wholeAmount } from './calls.ts';
import {
  findIntent,
  type Intent,
  newId,
  type State,
  saveIntent,
  seconds,
  type Trx,
  tell,
} from './provider-state.ts';

/** The charge of a payment, for `expand[]=latest_charge`. */
const withCharge = (intent: Intent, refunded: number) => ({
  ...intent,
  latest_charge: intent.latest_charge && {
    id: intent.latest_charge,
    object: 'charge',
    amount: intent.amount,
    amount_refunded: refunded,
    status: intent.status === 'succeeded' ? 'succeeded' : 'failed',
  },
});

/** The least that can be charged, as at Stripe in most currencies. */
const LEAST = 50;

export const createIntent = async (trx: Trx, { params, key, now }: Call): Promise<Answer> => {
  const amount = wholeAmount(params.get('amount'));
  const currency = params.get('currency');
  if (amount === undefined || currency === null)
    return failure(400, { param: 'amount', message: 'Invalid amount or currency' });
  if (amount < LEAST)
    return failure(400, { code: 'amount_too_small', param: 'amount', message: 'The amount is too small' });
  const intent: Intent = {
    id: newId('pi'),
    object: 'payment_intent',
    amount,
    amount_received: 0,
    currency,
    status: 'requires_payment_method',
    latest_charge: null,
    last_payment_error: null,
    metadata: metadataOf(params),
    created: seconds(now),
    livemode: false,
  };
  const { last } = await trx
    .selectFrom('provider_intents')
    .select(({ fn }) => fn.max('number').as('last'))
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('provider_intents')
    .values({ id: intent.id, number: (last ?? 0) + 1, body: JSON.stringify(intent), refunded: 0 })
    .execute();
  await tell(trx, { type: 'payment_intent.created', object: intent, key, now });
  return ok(intent);
};

const declineCodes = new Map([
  ['pm_card_visa_chargeDeclined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
]);

const unexpectedState = (intent: Intent): Answer =>
  failure(400, {
    code: 'payment_intent_unexpected_state',
    message: `The PaymentIntent is ${intent.status}`,
    payment_intent: intent,
  });

const charge = async (trx: Trx, intent: Intent, { key, now }: Omit<Call, 'params'>): Promise<Intent> => {
  const paid = await saveIntent(trx, {
    ...intent,
    status: 'succeeded',
    amount_received: intent.amount,
    latest_charge: newId('ch'),
    last_payment_error: null,
  });
  await tell(trx, { type: 'payment_intent.succeeded', object: paid, key, now });
  return paid;
};

export const confirmIntent = async (trx: Trx, id: string, { params, key, now }: Call): Promise<Answer> => {
  const intent = await findIntent(trx, id);
  if (intent === undefined) return missing('intent');
  if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpectedState(intent);
  const method = params.get('payment_method') ?? '';
  if (method === 'pm_card_visa') return ok(await charge(trx, intent, { key, now }));
  if (method === 'pm_card_authenticationRequired') {
    const waiting = await saveIntent(trx, { ...intent, status: 'requires_action', last_payment_error: null });
    await tell(trx, { type: 'payment_intent.requires_action', object: waiting, key, now });
    return ok(waiting);
  }
  const declineCode = declineCodes.get(method);
  if (declineCode === undefined) return missing('payment_method');
  const error = { code: 'card_declined', decline_code: declineCode };
  const declined = await saveIntent(trx, {
    ...intent,
    status: 'requires_payment_method',
    latest_charge: newId('ch'),
    last_payment_error: error,
  });
  await tell(trx, { type: 'payment_intent.payment_failed', object: declined, key, now });
  return failure(402, { type: 'card_error', ...error, message: 'Declined', payment_intent: declined });
};

/** The shopper proves to the bank who they are, or fails to. No call of the shop causes it. */
export const authenticateIntent = async (
  trx: Trx,
  id: string,
  { isGenuine, now }: { readonly isGenuine: boolean; readonly now: Date },
): Promise<Answer> => {
  const intent = await findIntent(trx, id);
  if (intent === undefined) return missing('intent');
  if (intent.status !== 'requires_action') return unexpectedState(intent);
  if (isGenuine) return ok(await charge(trx, intent, { key: null, now }));
  const failed = await saveIntent(trx, {
    ...intent,
    status: 'requires_payment_method',
    last_payment_error: { code: 'payment_intent_authentication_failure' },
  });
  await tell(trx, { type: 'payment_intent.payment_failed', object: failed, key: null, now });
  return ok(failed);
};

export const cancelIntent = async (trx: Trx, id: string, { key, now }: Call): Promise<Answer> => {
  const intent = await findIntent(trx, id);
  if (intent === undefined) return missing('intent');
  if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpectedState(intent);
  const canceled = await saveIntent(trx, { ...intent, status: 'canceled' });
  await tell(trx, { type: 'payment_intent.canceled', object: canceled, key, now });
  return ok(canceled);
};

export const readIntent = async (on: State, id: string): Promise<Answer> => {
  const intent = await findIntent(on, id);
  return intent === undefined ? missing('intent') : ok(intent);
};

export const listIntents = async (on: State, params: URLSearchParams): Promise<Answer> => {
  const limit = Math.min(Number(params.get('limit') ?? 10), 100);
  const since = Number(params.get('created[gte]') ?? 0);
  let page = on
    .selectFrom('provider_intents')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(limit + 1);
  const after = params.get('starting_after');
  if (after !== null)
    page = page.where('number', '<', ({ selectFrom }) =>
      selectFrom('provider_intents').select('number').where('id', '=', after),
    );
  const rows = await page.execute();
  const data = rows
    .map(({ body, refunded }): Intent & { refunded: number } => ({ ...JSON.parse(body), refunded }))
    .filter(({ created }) => created >= since)
    .slice(0, limit)
    .map(({ refunded, ...intent }) => withCharge(intent, refunded));
  return ok({
    object: 'list',
    url: '/v1/payment_intents',
    has_more: rows.length > limit && data.length === limit,
    data,
  });
};

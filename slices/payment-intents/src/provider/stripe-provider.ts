import { type Policy, reliable } from '@lab/reliability-audit';
import { Stripe } from 'stripe';
import {
  type Provider,
  type ProviderIntent,
  type ProviderRefund,
  RefusedByProviderError,
} from './provider.ts';

export interface StripeOptions {
  readonly url: string;
  readonly secretKey: string;
  /** Longest time of one attempt, in milliseconds. */
  readonly attemptTimeoutMs: number;
}

const connect = ({ url, secretKey, attemptTimeoutMs }: StripeOptions): Stripe => {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'https:';
  return new Stripe(secretKey, {
    host: hostname,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    protocol: isSecure ? 'https' : 'http',
    // Repeated by our own policy, which has a deadline and a budget.
    maxNetworkRetries: 0,
    timeout: attemptTimeoutMs,
    telemetry: false,
  });
};

const idOf = (one: string | { readonly id: string } | null | undefined): string | null =>
  typeof one === 'string' ? one : (one?.id ?? null);

const refundedOf = (charge: Stripe.PaymentIntent['latest_charge']): number =>
  typeof charge === 'object' && charge !== null ? charge.amount_refunded : 0;

/** A payment in our words. */
const fromStripe = (intent: Stripe.PaymentIntent): ProviderIntent => ({
  ref: intent.id,
  status: intent.status,
  charge: idOf(intent.latest_charge),
  declineCode: intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code,
  received: intent.amount_received,
  refunded: refundedOf(intent.latest_charge),
  paymentId: intent.metadata.payment_id,
});

/** A refund in our words: `requires_action` is still open, and `canceled` is a failure. */
const refundFromStripe = ({ id, status }: Stripe.Refund): ProviderRefund => {
  if (status === 'succeeded') return { ref: id, status };
  return { ref: id, status: status === 'failed' || status === 'canceled' ? 'failed' : 'pending' };
};

/** The request cannot be carried out as it is: an unknown payment method, an amount below Stripe's minimum. */
const refusalIn = (error: unknown): unknown => {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || error.statusCode !== 400) return error;
  const code = error.param === 'payment_method' ? 'invalid_payment_method' : error.code;
  return new RefusedByProviderError(code ?? 'invalid_request', { cause: error });
};

/**
 * An error can be an answer: the card was declined, or the payment is not in the state that we thought. Both come with
 * the payment.
 */
const asAnswer = async (call: Promise<Stripe.PaymentIntent>): Promise<ProviderIntent> => {
  try {
    return fromStripe(await call);
  } catch (error) {
    const hasIntent =
      error instanceof Stripe.errors.StripeCardError ||
      error instanceof Stripe.errors.StripeInvalidRequestError;
    if (hasIntent && error.payment_intent) return fromStripe(error.payment_intent);
    throw refusalIn(error);
  }
};

/** A refund that the provider refuses, because too much would go back, has failed. */
const asRefund = async (call: Promise<Stripe.Refund>): Promise<ProviderRefund> => {
  try {
    return refundFromStripe(await call);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError) return { ref: null, status: 'failed' };
    throw error;
  }
};

/** Stripe, or a server that speaks like it, called under a policy. */
export const createStripeProvider = (options: StripeOptions, policy: Policy): Provider => {
  const { paymentIntents, refunds } = connect(options);
  const call = <Value>(work: () => Promise<Value>): Promise<Value> => reliable(work, policy);

  /** All that a list has, newest first. Each page is a call of its own. */
  const listAll = async function* <Item extends { readonly id: string }>(
    load: (page: Stripe.PaginationParams) => Promise<Stripe.ApiList<Item>>,
  ): AsyncGenerator<Item> {
    let page: Stripe.PaginationParams | undefined = { limit: 100 };
    while (page !== undefined) {
      const wanted: Stripe.PaginationParams = page;
      const { data, has_more } = await call(() => load(wanted));
      yield* data;
      const last = data.at(-1);
      page = has_more && last ? { limit: 100, starting_after: last.id } : undefined;
    }
  };

  return {
    create: ({ paymentId, amount, currency, key }) =>
      call(() =>
        asAnswer(
          paymentIntents.create(
            {
              amount,
              currency: currency.toLowerCase(),
              metadata: { payment_id: paymentId },
              automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
            },
            { idempotencyKey: key },
          ),
        ),
      ),
    confirm: (ref, paymentMethod, key) =>
      call(() =>
        asAnswer(paymentIntents.confirm(ref, { payment_method: paymentMethod }, { idempotencyKey: key })),
      ),
    cancel: (ref, key) => call(() => asAnswer(paymentIntents.cancel(ref, {}, { idempotencyKey: key }))),
    retrieve: (ref) => call(async () => fromStripe(await paymentIntents.retrieve(ref))),
    refund: ({ ref, amount, refundId }) =>
      call(() =>
        asRefund(
          refunds.create(
            { payment_intent: ref, amount, metadata: { refund_id: refundId } },
            { idempotencyKey: refundId },
          ),
        ),
      ),
    findRefund: async (ref, refundId) => {
      for await (const one of listAll((page) => refunds.list({ payment_intent: ref, ...page })))
        if (one.metadata?.refund_id === refundId) return refundFromStripe(one);
      return undefined;
    },
    list: async function* (since) {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      const load = (page: Stripe.PaginationParams) =>
        paymentIntents.list({ created, expand: ['data.latest_charge'], ...page });
      for await (const intent of listAll(load)) yield fromStripe(intent);
    },
  };
};

import type { Payment, Payments, Told } from '../payments/payments.ts';
import type { Refunds } from '../payments/refunds.ts';
import { attemptOfKey } from '../provider/provider.ts';
import type { KnownEvent } from './webhook-event.ts';
import { type EffectOfEvent, type Trx, UnknownObjectError } from './webhook-inbox.ts';

export interface ApplyDeps {
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly now: () => Date;
}

type IntentEvent = Extract<KnownEvent, { readonly type: `payment_intent.${string}` }>;
type RefundEvent = Extract<KnownEvent, { readonly type: `refund.${string}` }>;

const isOfRefund = (event: KnownEvent): event is RefundEvent => event.data.object.object === 'refund';

/**
 * What an event says about a payment. A failure counts for the attempt whose call caused it. If no call of ours did (a
 * shopper failed to authenticate, minutes later), the event only says that it is time to ask.
 */
const toldBy = (event: IntentEvent, { id }: Payment): Told | 'ask' => {
  const { latest_charge: charge, last_payment_error: error } = event.data.object;
  const details = { declineCode: error?.decline_code ?? error?.code ?? undefined, ...(charge && { charge }) };
  if (event.type === 'payment_intent.succeeded') return { kind: 'succeeded', ...details };
  if (event.type === 'payment_intent.canceled') return { kind: 'canceled', ...details };
  const attempt = attemptOfKey(id, event.request?.idempotency_key);
  if (attempt === undefined) return 'ask';
  const kind = event.type === 'payment_intent.payment_failed' ? 'declined' : 'requires_action';
  return { kind, attempt, ...details };
};

/** The effect of events on payments and refunds, in the transaction of the inbox. */
export const createApplyEvent = ({ payments, refunds, now }: ApplyDeps) => {
  const applyToPayment = async (trx: Trx, event: IntentEvent): Promise<EffectOfEvent> => {
    const payment = await trx
      .selectFrom('payments')
      .selectAll()
      .where('provider_ref', '=', event.data.object.id)
      .executeTakeFirst();
    if (payment === undefined) throw new UnknownObjectError('no payment has this provider id');
    const told = toldBy(event, payment);
    if (told !== 'ask') {
      const { effect } = await payments.settle(trx, payment.id, told);
      return typeof effect === 'string' ? effect : 'applied';
    }
    const { numUpdatedRows } = await trx
      .updateTable('payments')
      .set({ check_at: now().getTime() })
      .where('id', '=', payment.id)
      .where('status', 'in', ['processing', 'requires_action'])
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n ? 'applied' : 'stale';
  };

  const applyToRefund = async (trx: Trx, event: RefundEvent): Promise<EffectOfEvent> => {
    const { id: ref, status, metadata } = event.data.object;
    const refund = await refunds.find(trx, metadata?.refund_id ?? '');
    if (refund === undefined) throw new UnknownObjectError('no refund has this id');
    if (status !== 'succeeded' && status !== 'failed' && status !== 'canceled') return 'ignored';
    const outcome = status === 'succeeded' ? status : 'failed';
    const isSettled = await refunds.settle(trx, refund.id, { status: outcome, ref });
    if (isSettled) return 'applied';
    return refund.status === outcome ? 'repeat' : 'stale';
  };

  return (trx: Trx, event: KnownEvent): Promise<EffectOfEvent> =>
    isOfRefund(event) ? applyToRefund(trx, event) : applyToPayment(trx, event);
};

export type ApplyEvent = ReturnType<typeof createApplyEvent>;

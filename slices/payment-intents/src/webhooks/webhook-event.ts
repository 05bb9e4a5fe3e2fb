import { storableText } from '@lab/shared/http';
import { z } from 'zod';

const name = storableText(1, 255);

/** The part of Stripe's PaymentIntent that events are read for. */
const intent = z.object({
  object: z.literal('payment_intent'),
  id: name,
  latest_charge: name.nullish(),
  last_payment_error: z.object({ code: name.nullish(), decline_code: name.nullish() }).nullish(),
});

const refund = z.object({
  object: z.literal('refund'),
  id: name,
  status: z.string(),
  metadata: z.object({ refund_id: name.optional() }).nullish(),
});

const head = {
  id: name,
  created: z.int(),
  /** Which request caused the event. Null if none of ours did. */
  request: z.object({ idempotency_key: z.string().nullish() }).nullish(),
};

const ofPayment = <Type extends string>(type: Type) =>
  z.object({ ...head, type: z.literal(type), data: z.object({ object: intent }) });

const ofRefund = <Type extends string>(type: Type) =>
  z.object({ ...head, type: z.literal(type), data: z.object({ object: refund }) });

const knownEvent = z.discriminatedUnion('type', [
  ofPayment('payment_intent.succeeded'),
  ofPayment('payment_intent.payment_failed'),
  ofPayment('payment_intent.requires_action'),
  ofPayment('payment_intent.canceled'),
  ofRefund('refund.created'),
  ofRefund('refund.updated'),
  ofRefund('refund.failed'),
]);

const anyEvent = z.object({ ...head, type: name });

export type KnownEvent = z.output<typeof knownEvent>;
export type AnyEvent = z.output<typeof anyEvent>;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads an event. `known` is undefined for types that mean nothing here. Undefined if it is no event at all. */
export const readEvent = (
  body: Uint8Array,
): { readonly event: AnyEvent; readonly known: KnownEvent | undefined } | undefined => {
  const json = parseJson(Buffer.from(body).toString('utf8'));
  const event = anyEvent.safeParse(json).data;
  return event && { event, known: knownEvent.safeParse(json).data };
};

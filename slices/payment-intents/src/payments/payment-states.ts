/**
 * Problem: the outcome of a payment arrives several times and out of order: in the answer to a call, in webhooks that are
 * late, doubled and shuffled, and in answers to the reconciler. The last word may be the oldest.
 * Guarantees: a payment only moves on. What is over stays as it is, so a late failure never undoes a success. Whatever
 * order the same news arrive in, and however often, the payment ends in the same status.
 * Does NOT guarantee: that the news are true. Who brings them must be known (see webhook-signature.ts).
 */

export const PAYMENT_STATUSES = [
  'requires_payment_method',
  'processing',
  'requires_action',
  'succeeded',
  'canceled',
] as const;

export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** Where a payment stands. Each attempt to pay or to cancel it has a number, 1 for the first. */
export interface Standing {
  readonly status: PaymentStatus;
  readonly attempt: number;
}

/**
 * What the provider said. News about an attempt that is not over name the attempt: a refusal of an earlier one says
 * nothing about the present one. Success and cancellation are for good, whichever attempt they are from.
 */
export type News =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'requires_action'; readonly attempt: number }
  | { readonly kind: 'declined'; readonly attempt: number };

/** What news do to a payment. `repeat`: it is known already. `stale`: the payment has moved on since. */
export type Effect = { readonly to: PaymentStatus } | 'repeat' | 'stale';

export const isFinal = (status: PaymentStatus): boolean => status === 'succeeded' || status === 'canceled';

/** An attempt can begin only when nothing is under way, so that no two of them are ever unknown at once. */
export const canBegin = (status: PaymentStatus): boolean =>
  status === 'requires_payment_method' || status === 'requires_action';

/** What the news do to a payment that stands there. */
export const effectOf = ({ status, attempt }: Standing, news: News): Effect => {
  if (isFinal(status)) return news.kind === status ? 'repeat' : 'stale';
  if (news.kind === 'succeeded' || news.kind === 'canceled') return { to: news.kind };
  if (news.attempt !== attempt) return 'stale';
  if (news.kind === 'declined')
    return status === 'requires_payment_method' ? 'repeat' : { to: 'requires_payment_method' };
  if (status === 'processing') return { to: 'requires_action' };
  return status === 'requires_action' ? 'repeat' : 'stale';
};

const rankInAttempt: Readonly<Record<PaymentStatus, number>> = {
  processing: 0,
  requires_action: 1,
  requires_payment_method: 2,
  succeeded: 3,
  canceled: 3,
};

/** How far a payment is. It grows with each move and each new attempt. */
export const progressOf = ({ status, attempt }: Standing): number =>
  isFinal(status) ? Number.POSITIVE_INFINITY : attempt * 3 + rankInAttempt[status];

import { Counter, type Registry } from 'prom-client';

const PAYMENT_OUTCOMES = [
  'created',
  'succeeded',
  'declined',
  'requires_action',
  'canceled',
  'unknown',
  'refunded',
  'refund_failed',
] as const;

export const EVENT_TYPES = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'payment_intent.canceled',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'other',
] as const;

const EVENT_OUTCOMES = ['applied', 'repeat', 'stale', 'ignored', 'unknown_object', 'invalid'] as const;
const RECONCILIATION_OUTCOMES = ['settled', 'unchanged', 'failed', 'disagreement'] as const;

export type PaymentOutcome = (typeof PAYMENT_OUTCOMES)[number];
export type EventType = (typeof EVENT_TYPES)[number];
export type EventOutcome = (typeof EVENT_OUTCOMES)[number];
export type ReconciliationOutcome = (typeof RECONCILIATION_OUTCOMES)[number];

export const createPaymentMetrics = (registry: Registry) => {
  const registers = [registry];
  const payments = new Counter({
    name: 'payments_total',
    help: 'Payments and refunds by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  const events = new Counter({
    name: 'webhook_events_total',
    help: 'Events that the provider sent, by what they did',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const reconciliations = new Counter({
    name: 'payment_reconciliations_total',
    help: 'Questions of the reconciler to the provider, by what came of them',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of PAYMENT_OUTCOMES) payments.inc({ outcome }, 0);
  for (const type of EVENT_TYPES) for (const outcome of EVENT_OUTCOMES) events.inc({ type, outcome }, 0);
  for (const outcome of RECONCILIATION_OUTCOMES) reconciliations.inc({ outcome }, 0);
  return {
    countPayment: (outcome: PaymentOutcome): void => payments.inc({ outcome }),
    countEvent: (type: EventType, outcome: EventOutcome): void => events.inc({ type, outcome }),
    countReconciliation: (outcome: ReconciliationOutcome): void => reconciliations.inc({ outcome }),
  };
};

export type PaymentMetrics = ReturnType<typeof createPaymentMetrics>;

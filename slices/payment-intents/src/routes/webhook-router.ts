import { type ContractRouter, contextOf, createRouter, ProblemError, route } from '@lab/shared/http';
import { EVENT_TYPES, type EventType, type PaymentMetrics } from '../payment-metrics.ts';
import type { ApplyEvent } from '../webhooks/apply-event.ts';
import { readEvent } from '../webhooks/webhook-event.ts';
import { type Inbox, UnknownObjectError } from '../webhooks/webhook-inbox.ts';
import { isSignatureValid } from '../webhooks/webhook-signature.ts';

import { invalidEvent, invalidSignature, paymentNotFound } from './payment-problems.ts';
import { receiveEvent } from './webhook-contract.ts';

export interface WebhookRouterDeps {
  readonly inbox: Inbox;
  readonly apply: ApplyEvent;
  readonly metrics: PaymentMetrics;
  readonly now: () => Date;
}

/** Metrics must not have a series for whatever anyone sends. */
const labelOf = (type: string): EventType => EVENT_TYPES.find((known) => known === type) ?? 'other';

/** Events of the provider. Who sends them is proven by the signature alone. */
export const createWebhookRouter = (
  { inbox, apply, metrics, now }: WebhookRouterDeps,
  { secrets }: { readonly secrets: readonly string[] },
): ContractRouter =>
  createRouter([
    route(receiveEvent).handle(async (req, res) => {
      const { body, headers } = req;
      const header = headers['stripe-signature'] ?? '';
      if (!isSignatureValid({ header, body }, { secrets, now: now() })) {
        metrics.countEvent('other', 'invalid');
        throw new ProblemError(invalidSignature);
      }
      const read = readEvent(body);
      if (read === undefined) {
        metrics.countEvent('other', 'invalid');
        throw new ProblemError(invalidEvent);
      }
      const { event, known } = read;
      const type = labelOf(event.type);
      try {
        const outcome = await inbox.take(
          event,
          async (trx) => (known ? apply(trx, known) : 'ignored'),
          contextOf(req, res).signal,
        );
        metrics.countEvent(type, outcome);
        return { status: 200, body: { outcome } };
      } catch (error) {
        if (!(error instanceof UnknownObjectError)) throw error;
        metrics.countEvent(type, 'unknown_object');
        throw new ProblemError(paymentNotFound, {
          detail: 'The event is about something that is unknown here.',
        });
      }
    }),
  ]);

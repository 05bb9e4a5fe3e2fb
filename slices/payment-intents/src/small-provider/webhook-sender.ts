import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProviderFaults } from './provider-faults.ts';
import { type State, seconds } from './provider-state.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const LATEST_MS = 500;
const ANSWER_TIMEOUT_MS = 5000;

export interface WebhookSenderDeps {
  readonly db: State;
  readonly now: () => Date;
  readonly random: () => number;
  readonly faults: () => ProviderFaults;
  /** Where events go; undefined for nowhere, yet. */
  readonly target: () => string | undefined;
  readonly secret: string;
}

/** A `Stripe-Signature` of the body. */
export const signatureOf = (body: string, secret: string, now: Date): string => {
  const time = seconds(now);
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
};

/** Sends each event until it is answered with 2xx, with growing pauses, as the faults say twice, late or not at all. */
export const createWebhookSender = ({ db, now, random, faults, target, secret }: WebhookSenderDeps) => {
  const stopping = new AbortController();
  const underWay = new Set<string>();

  const post = async (body: string): Promise<boolean> => {
    const url = target();
    if (url === undefined) return false;
    const headers = {
      'Content-Type': 'application/json',
      'Stripe-Signature': signatureOf(body, secret, now()),
    };
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  };

  const happens = (percent: number): boolean => random() * 100 < percent;

  const sendUntilTaken = async (body: string): Promise<void> => {
    for (let pauseMs = FIRST_PAUSE_MS; !(await post(body)); pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS))
      await wait(pauseMs, undefined, { signal: stopping.signal, ref: false });
  };

  const send = async (id: string, body: string): Promise<void> => {
    const { reorder, duplicate, lost } = faults();
    if (!happens(lost)) {
      if (happens(reorder)) await wait(random() * LATEST_MS, undefined, { signal: stopping.signal });
      const copies = happens(duplicate) ? [body, body] : [body];
      await Promise.all(copies.map(sendUntilTaken));
    }
    await db.updateTable('provider_events').set({ is_delivered: 1 }).where('id', '=', id).execute();
  };

  return {
    /** Starts to send what has not been sent. */
    sendNew: async (): Promise<void> => {
      if (stopping.signal.aborted) return;
      const rows = await db.selectFrom('provider_events').selectAll().where('is_delivered', '=', 0).execute();
      for (const { id, body } of rows) {
        if (underWay.has(id)) continue;
        underWay.add(id);
        // Rejects only when the sender stops; the event is sent again when it starts.
        void send(id, body)
          .catch(() => undefined)
          .finally(() => underWay.delete(id));
      }
    },
    /** How many events are on their way. */
    waiting: (): number => underWay.size,
    stop: (): void => stopping.abort(),
  };
};

import type { News } from '../payments/payment-states.ts';
import type { Told } from '../payments/payments.ts';

/** A payment as the provider has it. */
export interface ProviderIntent {
  readonly ref: string;
  readonly status: string;
  /** The last charge, whatever became of it. Undefined if the answer does not say. */
  readonly charge?: string | null;
  readonly declineCode?: string | undefined;
  /** In minor units. */
  readonly received: number;
  readonly refunded: number;
  /** Our id, which we gave it. */
  readonly paymentId: string | undefined;
}

export interface ProviderRefund {
  /** Null if it was refused, so that there is none. */
  readonly ref: string | null;
  readonly status: 'pending' | 'succeeded' | 'failed';
}

/** The provider refused a call for good, and nothing was done. */
export class RefusedByProviderError extends Error {
  override readonly name = 'RefusedByProviderError';
  /** In the provider's words. */
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`the provider refused: ${code}`, options);
    this.code = code;
  }
}

/**
 * Whoever moves the money. Each call that changes something has a key, and is carried out once for it. A refusal of the
 * card is an answer. Calls reject with a RefusedByProviderError if nothing was done and a repeat would not help, and with
 * another error if the outcome is unknown.
 */
export interface Provider {
  readonly create: (wanted: {
    readonly paymentId: string;
    readonly amount: number;
    readonly currency: string;
    readonly key: string;
  }) => Promise<ProviderIntent>;
  readonly confirm: (ref: string, paymentMethod: string, key: string) => Promise<ProviderIntent>;
  readonly cancel: (ref: string, key: string) => Promise<ProviderIntent>;
  readonly retrieve: (ref: string) => Promise<ProviderIntent>;
  readonly refund: (wanted: {
    readonly ref: string;
    readonly amount: number;
    readonly refundId: string;
  }) => Promise<ProviderRefund>;
  /** Finds a refund that we asked for, by our id. */
  readonly findRefund: (ref: string, refundId: string) => Promise<ProviderRefund | undefined>;
  /** Payments made since then, newest first, page by page. */
  readonly list: (since: Date) => AsyncIterable<ProviderIntent>;
}

/** The key of the call that an attempt makes. Events that the call causes name it. */
export const attemptKey = (paymentId: string, attempt: number): string => `${paymentId}:${attempt}`;

/** The attempt that a key belongs to; undefined if it is not one of this payment. */
export const attemptOfKey = (paymentId: string, key: string | null | undefined): number | undefined => {
  const [id, attempt] = key?.split(':') ?? [];
  return id === paymentId && attempt !== undefined ? Number(attempt) : undefined;
};

/** What a payment at the provider means for an attempt that it answers; undefined while it is not over. */
export const toldBy = (intent: ProviderIntent, attempt: number): Told | undefined => {
  const { status, charge, declineCode } = intent;
  const details = { declineCode, ...(charge !== undefined && { charge }) };
  const news = (): News | undefined => {
    if (status === 'succeeded' || status === 'canceled') return { kind: status };
    if (status === 'requires_action') return { kind: 'requires_action', attempt };
    return status === 'requires_payment_method' ? { kind: 'declined', attempt } : undefined;
  };
  const told = news();
  return told && { ...told, ...details };
};

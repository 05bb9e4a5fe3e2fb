import type { PaymentStatus } from './payments/payment-states.ts';

/** What an attempt asks the provider for, and what came of it. `unknown` until the provider has told. */
export type AttemptKind = 'confirm' | 'cancel';
type AttemptOutcome = 'unknown' | 'succeeded' | 'canceled' | 'requires_action' | 'declined';

/** The tables of this slice. Amounts are in minor units, times in milliseconds since 1970. */
export type PaymentTables = {
  payments: {
    id: string;
    user_id: number;
    /** The order, or what the caller named. One live payment each. */
    reference: string;
    status: PaymentStatus;
    amount: number;
    currency: string;
    captured: number;
    /** Refunded or about to be: pending refunds count. */
    refunded: number;
    /** The provider's id. Known before any money moves. */
    provider_ref: string | null;
    /** Number of the last attempt; 0 before the first. */
    attempt: number;
    /** The provider's id of the charge that the last settled attempt made. */
    last_charge: string | null;
    /** When the reconciler asks the provider; null if there is nothing to ask. */
    check_at: number | null;
    created_at: number;
    updated_at: number;
  };
  payment_attempts: {
    payment_id: string;
    number: number;
    kind: AttemptKind;
    payment_method: string | null;
    outcome: AttemptOutcome;
    decline_code: string | null;
    begun_at: number;
    ended_at: number | null;
  };
  payment_refunds: {
    id: string;
    payment_id: string;
    amount: number;
    status: 'pending' | 'succeeded' | 'failed';
    provider_ref: string | null;
    check_at: number | null;
    created_at: number;
    updated_at: number;
  };
  /** Append-only. Two entries for each transfer, which add up to zero. */
  payment_ledger: {
    transfer: string;
    account: 'provider' | 'sales';
    payment_id: string;
    kind: 'capture' | 'refund';
    amount: number;
    currency: string;
    at: number;
  };
  webhook_events: { id: string; type: string; outcome: string; received_at: number };
  /** What one process at a time does. */
  payment_leases: { name: string; holder: string; expires_at: number };
  /** What the provider and we do not agree about, since the reconciler last compared. */
  payment_disagreements: { provider_ref: string; what: string; found_at: number };
};

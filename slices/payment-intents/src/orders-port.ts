import type { Transaction } from 'kysely';
import type { PaymentTables } from './payment-tables.ts';

/** An amount in minor units of a currency. */
export interface Due {
  readonly amount: number;
  readonly currency: string;
}

/**
 * The orders that payments are for. All of it runs in the transaction of the payment, with the tables of the orders by
 * `trx.withTables`, and writes nothing elsewhere.
 */
export interface OrdersPort {
  /**
   * What is to be paid; an amount of 0 if the order costs nothing. Throws the problem to answer with if there is no such
   * order, or it cannot be paid.
   */
  readonly amountDue: (trx: Transaction<PaymentTables>, orderId: string, userId: number) => Promise<Due>;
  /**
   * Keeps others from changing the order until the transaction ends. Called before a payment is locked, so that there is
   * one order of locks: orders, then payments.
   */
  readonly lock: (trx: Transaction<PaymentTables>, orderId: string) => Promise<unknown>;
  /**
   * The whole amount was charged, or nothing was due. Resolves with `refund` if the order cannot be paid any more, for
   * example because it has expired: the money then goes back.
   */
  readonly markPaid: (
    trx: Transaction<PaymentTables>,
    orderId: string,
    payment: { readonly paymentId: string },
  ) => Promise<'paid' | 'refund'>;
  /** So much has gone back in all. */
  readonly markRefunded: (
    trx: Transaction<PaymentTables>,
    orderId: string,
    refund: { readonly paymentId: string; readonly refunded: number; readonly isWhole: boolean },
  ) => Promise<void>;
}

/** Without orders: whatever the caller named is paid. */
export const noOrders: Omit<OrdersPort, 'amountDue'> = {
  lock: async () => undefined,
  markPaid: async () => 'paid',
  markRefunded: async () => undefined,
};

import type { Generated } from 'kysely';
import type { OrderState } from './order-states.ts';

/** The tables of this slice. Orders keep copies of all that they were made from. */
export type OrderTables = {
  orders: {
    /** Counts up. A rolled back checkout may leave a gap. */
    number: Generated<number>;
    id: string;
    user_id: number;
    status: OrderState;
    /** Grows with each transition. */
    version: number;
    currency: string;
    subtotal_minor: number;
    discount_minor: number;
    tax_minor: number;
    total_minor: number;
    promo_code: string | null;
    /** JSON of a gift, as it was granted. */
    gift: string | null;
    /** JSON of an address, as it was at the checkout. */
    shipping_address: string | null;
    reservation_id: string;
    /** End of the wait for the payment. */
    expires_at: number;
    created_at: number;
    updated_at: number;
  };
  order_lines: {
    order_id: string;
    position: number;
    sku: string;
    name: string;
    quantity: number;
    unit_price_minor: number;
    line_total_minor: number;
    discount_minor: number;
    tax_minor: number;
  };
  /** Append-only: each transition of each order. */
  order_events: {
    order_id: string;
    /** The version of the order that the transition made. */
    version: number;
    from_status: OrderState | null;
    to_status: OrderState;
    actor: string;
    reason: string | null;
    at: number;
  };
};

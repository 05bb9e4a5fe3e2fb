export { type Checkout, type CheckoutWish, createCheckout } from './checkout.ts';
export { checkoutSettings } from './config.ts';
export { orderMigrations } from './migrations.ts';
export { type ShopTables, shopMigrations, startShop } from './order-shop.ts';
export { allowedFrom, effectOf, ORDER_STATES, type OrderState, stateDiagram } from './order-states.ts';
export type { OrderTables } from './order-tables.ts';
export type { Order } from './orders/order-store.ts';
/**
 * For payments: `find`, `lockForPayment`, `paid` and `refunded`, all in the transaction of the caller. A payment that is
 * `refused` came too late or twice, and must be refunded. `onRefundWanted` of `startCheckout` is called in the transaction
 * that cancels a paid order, or marks it as refunded.
 */
export type { MoveOutcome, Orders, PaymentOutcome } from './orders/orders.ts';
export { illegalTransition, orderNotFound } from './routes/checkout-problems.ts';
export { type RunningCheckout, startCheckout } from './start-checkout.ts';
export { CheckoutRefusedError } from './steps/checkout-refusals.ts';
export type { Address, CheckoutSteps, Gift, GiftWish, Trx } from './steps/checkout-steps.ts';
export { cartsOfPricing, defaultSteps, stockOfInventory } from './steps/default-steps.ts';

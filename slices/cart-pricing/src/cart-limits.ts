/** Most distinct lines of a cart, and of a quote: what a cart can hold can be quoted. */
export const MAX_LINES = 100;

/** Most of one sku that a line holds. */
export const MAX_QUANTITY = 10_000;

export {
  type Cart,
  type CartStore,
  type CartStoreDeps,
  type CartTables,
  createCartStore,
} from './cart-store.ts';
export { cartPricingSettings } from './config.ts';
export { cartMigrations } from './migrations.ts';
export { createFixedPriceList, type ListedPrice, type PriceList, shopPrices } from './price-list.ts';
export { type PricedCart, type PricedLine, priceCart } from './priced-cart.ts';
export { quoteCart } from './pricing.ts';
export { quoteProblems } from './quote-contract.ts';
export { type CartDeps, createCartRouter } from './router.ts';

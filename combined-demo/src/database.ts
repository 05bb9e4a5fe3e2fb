import { type AccountsTables, accountsMigrations } from '@lab/accounts';
import { type CacheNameTables, cacheMetricsMigrations } from '@lab/cache-metrics';
import { type CartTables, cartMigrations } from '@lab/cart-pricing';
import { catalogMigrations } from '@lab/catalog-pagination';
import { type FlagTables, flagMigrations } from '@lab/env-config';
import {
  type GiftTables,
  giftMigrations,
  type IdempotencyTables,
  idempotencyMigrations,
} from '@lab/gift-grant';
import { giftHistoryMigrations } from '@lab/gift-history';
import { type InventoryTables, inventoryMigrations } from '@lab/inventory-reservation';
import { type OrderTables, orderMigrations } from '@lab/order-checkout';
import { type PaymentTables, paymentMigrations } from '@lab/payment-intents';
import { productVariantsMigrations, type VariantTables } from '@lab/product-variants';
import { type PromoTables, promoMigrations } from '@lab/promo-rate-limit';
import { type AuditTables, auditMigrations } from '@lab/reliability-audit';
import { type DatabaseOptions, migrate, openDatabase } from '@lab/shared/database';
import type { Kysely } from 'kysely';

/** The tables of all slices in one database. */
export type DemoTables = AccountsTables &
  AuditTables &
  CacheNameTables &
  CartTables &
  FlagTables &
  GiftTables &
  IdempotencyTables &
  InventoryTables &
  OrderTables &
  PaymentTables &
  PromoTables &
  VariantTables;

/** The migrations of all slices, in the order in which they run. */
export const demoMigrations = [
  accountsMigrations,
  cartMigrations,
  catalogMigrations,
  cacheMetricsMigrations,
  idempotencyMigrations,
  giftMigrations,
  giftHistoryMigrations,
  flagMigrations,
  promoMigrations,
  auditMigrations,
  productVariantsMigrations,
  inventoryMigrations,
  orderMigrations,
  paymentMigrations,
];

/** Opens the database of the demo and migrates the tables of all slices. */
export const openDemoDatabase = async (
  url: string,
  options: DatabaseOptions,
): Promise<Kysely<DemoTables>> => {
  const db = openDatabase<DemoTables>(url, options);
  await migrate(db, demoMigrations);
  return db;
};

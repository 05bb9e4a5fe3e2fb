import type { SliceMigrations } from '@lab/shared/database';

/** One redemption for each user, code and cart, and one of each code for an order, unless it was given back. */
const uniqueRedemptions = [
  `create unique index promo_redemptions_one_per_cart
    on promo_redemptions (user_id, code, cart_id) where status = 'redeemed' and cart_id is not null`,
  `create unique index promo_redemptions_one_per_order
    on promo_redemptions (order_id, code) where status = 'redeemed' and order_id is not null`,
  `create index promo_redemptions_by_code on promo_redemptions (code) where status = 'redeemed'`,
];

const codeRules = `
        constraint promo_codes_value check (
          (kind = 'percent' and basis_points between 1 and 10000 and amount_minor is null)
          or (kind = 'amount' and amount_minor > 0 and basis_points is null and currency is not null)
        ),
        constraint promo_codes_minimum check (minimum_minor is null or (minimum_minor > 0 and currency is not null)),
        constraint promo_codes_limit check (
          redeemed >= 0 and (max_redemptions is null or redeemed <= max_redemptions)
        )`;

const redemptionRules = `
        constraint promo_redemptions_status check (
          (status = 'redeemed' and given_back_at is null) or (status = 'given_back' and given_back_at is not null)
        ),
        constraint promo_redemptions_discount check (discount_minor between 0 and total_minor)`;

/** The tables of the promo codes. Rate limits need none. */
export const promoMigrations: SliceMigrations = {
  promo_0001_codes: {
    sqlite: [
      `create table promo_codes (
        code text primary key,
        kind text not null,
        basis_points integer,
        amount_minor integer,
        currency text,
        minimum_minor integer,
        starts_at integer,
        ends_at integer,
        max_redemptions integer,
        max_per_user integer,
        redeemed integer not null,${codeRules}
      ) strict`,
      `create table promo_uses (
        code text not null references promo_codes (code),
        user_id integer not null,
        uses integer not null,
        constraint promo_uses_one_per_user primary key (code, user_id),
        constraint promo_uses_counted check (uses >= 0)
      ) strict`,
      `create table promo_redemptions (
        id text primary key,
        code text not null references promo_codes (code),
        user_id integer not null,
        cart_id text,
        order_id text,
        currency text not null,
        total_minor integer not null,
        discount_minor integer not null,
        status text not null,
        created_at integer not null,
        given_back_at integer,${redemptionRules}
      ) strict`,
      ...uniqueRedemptions,
    ],
    postgres: [
      `create table promo_codes (
        code text collate "C" primary key,
        kind text collate "C" not null,
        basis_points integer,
        amount_minor bigint,
        currency text collate "C",
        minimum_minor bigint,
        starts_at bigint,
        ends_at bigint,
        max_redemptions integer,
        max_per_user integer,
        redeemed integer not null,${codeRules}
      )`,
      `create table promo_uses (
        code text collate "C" not null references promo_codes (code),
        user_id bigint not null,
        uses integer not null,
        constraint promo_uses_one_per_user primary key (code, user_id),
        constraint promo_uses_counted check (uses >= 0)
      )`,
      `create table promo_redemptions (
        id text collate "C" primary key,
        code text collate "C" not null references promo_codes (code),
        user_id bigint not null,
        cart_id text collate "C",
        order_id text collate "C",
        currency text collate "C" not null,
        total_minor bigint not null,
        discount_minor bigint not null,
        status text collate "C" not null,
        created_at bigint not null,
        given_back_at bigint,${redemptionRules}
      )`,
      ...uniqueRedemptions,
    ],
  },
};

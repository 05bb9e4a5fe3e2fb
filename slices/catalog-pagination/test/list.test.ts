import { listConformance } from '@lab/testing';
import { openShop, productNumber } from './sample-shop.ts';

listConformance({
  path: '/products',
  queries: [
    '',
    'sort=price_asc&max_price=2',
    'sort=price_desc&category=snacks',
    'sort=name_asc&in_stock=true',
    'category=snacks.nuts&min_price=0.00',
  ],
  open: async (engine) => {
    const { db, app, products } = await openShop(engine);
    let made = 0;
    const insert = async () => {
      made += 1;
      const product = productNumber(made, {
        category_id: made % 2 ? 'snacks.nuts.almonds' : 'snacks.nuts.cashews',
      });
      await products.upsert([product]);
      return product.id;
    };
    const remove = async (id: string) => {
      await db.deleteFrom('products').where('id', '=', id).execute();
    };
    return { app, insert, remove };
  },
});

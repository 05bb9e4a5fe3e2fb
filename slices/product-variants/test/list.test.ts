import { listConformance } from '@lab/testing';
import { createProductEditor } from '../src/index.ts';
import { openVariantsApp, tee } from './variants-app.ts';

listConformance({
  path: '/products',
  walks: 4,
  queries: [
    'sort=price_asc&category=snacks',
    'attr.material=cotton',
    'attr.size=S&attr.color=red,green&sort=price_desc',
    'attr.color=blue&category=snacks.nuts&in_stock=true&sort=name_asc',
  ],
  open: async (engine) => {
    const deps = await openVariantsApp(engine);
    const editor = createProductEditor(deps);
    let made = 0;
    const insert = async () => {
      made += 1;
      const price = { amount: `${10 + (made % 3)}.00`, currency: 'USD' };
      const { row } = await editor.create(tee(`TEE-${made}`, { name: `Tee ${made % 4}`, price }));
      return row.id;
    };
    return { app: deps.app, insert, remove: editor.remove };
  },
});

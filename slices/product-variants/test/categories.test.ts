import { eachDatabase, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createProductEditor } from '../src/index.ts';
import { openVariantsApp, operator, tee } from './variants-app.ts';

interface Node {
  id: string;
  product_count: number;
  relisting: boolean;
  children: Node[];
}

const node: z.ZodType<Node> = z.looseObject({
  id: z.string(),
  product_count: z.number(),
  relisting: z.boolean(),
  children: z.array(z.lazy(() => node)),
});

const find = (nodes: readonly Node[], id: string): Node | undefined =>
  nodes.flatMap((each) => (each.id === id ? each : (find(each.children, id) ?? []))).at(0);

eachDatabase((engine) => {
  const open = async () => {
    const deps = await openVariantsApp(engine);
    const { request } = await startApp(deps.app);
    const send = (method: string, path: string, json?: object) =>
      request(method, path, { headers: operator, ...(json && { json }) });
    const tree = async () =>
      z.object({ items: z.array(node) }).parse((await request('GET', '/categories')).body).items;
    const count = async (id: string) => find(await tree(), id)?.product_count;
    return { ...deps, request, send, tree, count };
  };

  it('shows the tree with the products of each category and all below it', async () => {
    const { tree, count, ...deps } = await open();
    const editor = createProductEditor(deps);
    await editor.create(tee('A', { category: 'snacks.nuts.walnuts' }));
    await editor.create(tee('B', { category: 'snacks.nuts' }));
    await editor.create(tee('C', { category: 'snacks' }));
    expect(await Promise.all(['snacks', 'snacks.nuts', 'snacks.nuts.walnuts', 'drinks'].map(count))).toEqual([
      3, 2, 1, 0,
    ]);
    expect((await tree()).map(({ id }) => id)).toEqual(['art-supplies', 'drinks', 'ice-cream', 'snacks']);
  });

  it('adds, renames and deletes categories', async () => {
    const { send } = await open();
    const cheese = { id: 'snacks.cheese', name: 'Cheese', parent: 'snacks' };
    const added = await send('POST', '/categories', cheese);
    expect([added.status, added.body]).toEqual([201, { ...cheese, product_count: 0, relisting: false }]);
    expect((await send('POST', '/categories', cheese)).body).toMatchObject({
      status: 409,
      code: 'category_exists',
    });
    const nowhere = { ...cheese, id: 'x', parent: 'nowhere' };
    expect((await send('POST', '/categories', nowhere)).body).toMatchObject({
      status: 422,
      code: 'unknown_category',
    });
    const renamed = await send('PATCH', '/categories/snacks.cheese', { name: 'Cheeses' });
    expect(renamed.body).toMatchObject({ name: 'Cheeses', parent: 'snacks' });
    expect((await send('DELETE', '/categories/snacks.cheese')).status).toBe(204);
    for (const method of ['PATCH', 'DELETE']) {
      const { body } = await send(method, '/categories/snacks.cheese', method === 'PATCH' ? {} : undefined);
      expect(body).toMatchObject({ status: 404, code: 'category_not_found' });
    }
  });

  it('deletes only empty categories', async () => {
    const { send, ...deps } = await open();
    await createProductEditor(deps).create(tee('A', { category: 'snacks.nuts.walnuts' }));
    for (const id of ['snacks.nuts.walnuts', 'snacks.nuts', 'drinks']) {
      const { body } = await send('DELETE', `/categories/${id}`);
      expect(body).toMatchObject({ status: 409, code: 'category_not_empty' });
    }
    expect((await send('DELETE', '/categories/snacks.nuts.cashews')).status).toBe(204);
  });

  it('moves a category with its products, to another parent or to the top', async () => {
    const { send, request, count, ...deps } = await open();
    const { row } = await createProductEditor(deps).create(tee('A', { category: 'snacks.nuts.walnuts' }));
    const isIn = async (category: string) =>
      (await request('GET', `/products?category=${category}`)).text.includes(row.id);
    const move = (parent: string | null) => send('PATCH', '/categories/snacks.nuts', { parent });
    const everywhere = () =>
      Promise.all(['snacks', 'drinks', 'snacks.nuts', 'snacks.nuts.walnuts'].map(isIn));
    expect(await everywhere()).toEqual([true, false, true, true]);
    expect((await move('drinks')).body).toMatchObject({
      parent: 'drinks',
      relisting: false,
      product_count: 1,
    });
    expect(await everywhere()).toEqual([false, true, true, true]);
    expect([await count('snacks'), await count('drinks')]).toEqual([0, 1]);
    expect((await move(null)).body).toMatchObject({ parent: null });
    expect(await everywhere()).toEqual([false, false, true, true]);
  });

  it('refuses a cycle, and a tree that is too deep', async () => {
    const { send } = await open();
    for (const parent of ['snacks', 'snacks.nuts', 'snacks.nuts.walnuts']) {
      const { body } = await send('PATCH', '/categories/snacks', { parent });
      expect(body).toMatchObject({ status: 409, code: 'category_cycle' });
    }
    let parent = 'snacks.nuts.walnuts';
    for (let level = 4; level <= 10; level += 1) {
      const id = `level-${level}`;
      expect((await send('POST', '/categories', { id, name: id, parent })).status).toBe(201);
      parent = id;
    }
    const eleventh = { id: 'level-11', name: 'Too deep', parent };
    expect((await send('POST', '/categories', eleventh)).body).toMatchObject({
      status: 422,
      code: 'category_too_deep',
    });
    const moved = await send('PATCH', '/categories/snacks', { parent: 'drinks' });
    expect(moved.body).toMatchObject({ status: 422, code: 'category_too_deep' });
  });
});

import { categoryId } from '@lab/catalog-pagination';
import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
} from '@lab/shared/http';
import { z } from 'zod';
import { unknownCategory } from '../editing/edit-problems.ts';
import { tag } from '../editing/product-contract.ts';
import {
  categoryCycle,
  categoryExists,
  categoryNotEmpty,
  categoryNotFound,
  categoryTooDeep,
} from './category-problems.ts';
import type { CategoryNode, CategoryTree } from './category-tree.ts';
import { type RelisterDeps, relistAll } from './relisting.ts';

export interface CategoryDeps extends RelisterDeps {
  readonly tree: CategoryTree;
  readonly callers: Callers;
}

const exampleId = 'art-supplies.papercraft';
const name = storableText(1, 100);
const parent = categoryId.nullable().meta({ description: 'Null for a category at the top' });

const shape = {
  id: z.string(),
  name: z.string(),
  parent: z.string().nullable(),
  product_count: z.int().meta({ description: 'Products in it and below it' }),
  relisting: z.boolean().meta({
    description: 'It has moved, and some of its products are not yet in the lists of its new parents',
  }),
};

const leaf = {
  id: exampleId,
  name: 'Papercraft',
  parent: 'art-supplies',
  product_count: 0,
  relisting: false,
};

const category = z.strictObject(shape).meta({ id: 'product-variants.Category', example: leaf });

interface TreeJson extends z.output<typeof category> {
  children: TreeJson[];
}

const tree: z.ZodType<TreeJson> = z
  .strictObject({ ...shape, children: z.array(z.lazy(() => tree)) })
  .meta({ id: 'product-variants.CategoryTree' });

const toJson = (node: CategoryNode): z.output<typeof category> => ({
  id: node.id,
  name: node.name,
  parent: node.parent,
  product_count: node.productCount,
  relisting: node.isRelisting,
});

const toTree = (node: CategoryNode): TreeJson => ({ ...toJson(node), children: node.children.map(toTree) });

const params = z.strictObject({ id: categoryId.meta({ example: exampleId }) });
const editing = { tag, caller: 'operator', permission: 'catalog:write' } as const;

const listCategories = defineRoute({
  method: 'GET',
  path: '/categories',
  name: 'listCategories',
  summary: 'Show the tree of categories with their numbers of products',
  tag,
  responses: {
    200: {
      description: 'The categories at the top, each with those below it',
      body: z.strictObject({ items: z.array(tree) }),
      example: { items: [{ ...leaf, parent: null, children: [] }] },
    },
  },
  problems: [serviceUnavailable],
});

const addCategory = defineRoute({
  ...editing,
  method: 'POST',
  path: '/categories',
  name: 'addCategory',
  summary: 'Add a category',
  body: z.strictObject({ id: categoryId, name, parent: parent.optional() }).meta({
    id: 'product-variants.NewCategory',
    example: { id: exampleId, name: 'Papercraft', parent: 'art-supplies' },
  }),
  responses: { 201: { description: 'The new category', body: category } },
  problems: [categoryExists, unknownCategory, categoryTooDeep, serviceUnavailable],
});

const changeCategory = defineRoute({
  ...editing,
  method: 'PATCH',
  path: '/categories/:id',
  name: 'changeCategory',
  summary: 'Rename a category, or move it with all below it',
  description:
    'The tree changes at once. The products are listed under the new parents step by step: `relisting` is true until the last of them is.',
  params,
  body: z.strictObject({ name: name.optional(), parent: parent.optional() }).meta({
    id: 'product-variants.CategoryChange',
    example: { name: 'Paper and scissors', parent: 'art-supplies.surfaces' },
  }),
  responses: { 200: { description: 'The category', body: category } },
  problems: [categoryNotFound, unknownCategory, categoryCycle, categoryTooDeep, serviceUnavailable],
});

const deleteCategory = defineRoute({
  ...editing,
  method: 'DELETE',
  path: '/categories/:id',
  name: 'deleteCategory',
  summary: 'Delete an empty category',
  params,
  responses: { 204: { description: 'It is gone' } },
  problems: [categoryNotFound, categoryNotEmpty, serviceUnavailable],
});

/** How long a move is worked on before it is answered. The background task does the rest. */
const RELIST_MS = 2_000;

const findNode = (nodes: readonly CategoryNode[], id: string): CategoryNode | undefined => {
  for (const node of nodes) {
    const found = node.id === id ? node : findNode(node.children, id);
    if (found) return found;
  }
  return undefined;
};

/** The routes of categories. Those that write are for callers with the permission `catalog:write`. */
export const createCategoryRouter = ({
  tree: categories,
  callers,
  ...relister
}: CategoryDeps): ContractRouter => {
  const show = async (id: string) => {
    const node = findNode(await categories.read(), id);
    if (!node) throw new ProblemError(categoryNotFound);
    return toJson(node);
  };

  return createRouter(
    [
      route(listCategories).handle(async () => ({
        status: 200,
        body: { items: (await categories.read()).map(toTree) },
      })),
      route(addCategory).handle(async ({ body }) => {
        await categories.add({ ...body, parent: body.parent ?? null });
        return { status: 201, body: await show(body.id) };
      }),
      route(changeCategory).handle(async ({ params: { id }, body }) => {
        if (await categories.change(id, body)) await relistAll(relister, AbortSignal.timeout(RELIST_MS));
        return { status: 200, body: await show(id) };
      }),
      route(deleteCategory).handle(async ({ params: { id } }) => {
        await categories.remove(id);
        return { status: 204 };
      }),
    ],
    { callers },
  );
};

import { productNotFound, productReply } from '@lab/catalog-pagination';
import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
} from '@lab/shared/http';
import { z } from 'zod';
import {
  currencyFixed,
  invalidVariants,
  preconditionFailed,
  preconditionRequired,
  skuTaken,
  unknownCategory,
} from './edit-problems.ts';
import {
  detailedProduct,
  detailJson,
  newProduct,
  newVariants,
  productChange,
  tag,
} from './product-contract.ts';
import type { ProductDetail } from './product-detail.ts';
import type { ProductEditor } from './product-editor.ts';
import { iceCreamExample } from './product-example.ts';

/** Sample products 7, 8 and 9, which the examples change, delete and give variants. */
const samples = {
  changed: '016f5e66-e800-7ec4-8aa7-18c9aec481e5',
  deleted: '016f5e69-f540-750b-8c34-4939650b722f',
  varied: '016f5e69-f540-7913-810f-c27c29130606',
};

const params = (example: string) =>
  z.strictObject({
    id: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
      .meta({ example }),
  });

const headers = { ETag: 'Strong entity tag of all that is shown (RFC 9110, section 8.8.3)' };

const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .meta({ description: 'The `ETag` of the product as you know it. `*` for any version', example: '*' }),
});

const editing = { tag, caller: 'operator', permission: 'catalog:write' } as const;
const changed = { description: 'The product as it is now', body: detailedProduct, headers };
const conditional = [productNotFound, preconditionRequired, preconditionFailed, serviceUnavailable] as const;

const readProduct = defineRoute({
  method: 'GET',
  path: '/products/:id',
  name: 'readProduct',
  summary: 'Read a product with its variants and their stock',
  tag,
  params: params(iceCreamExample.detailed.id),
  headers: z.object({ 'if-none-match': z.string().optional() }),
  responses: {
    200: { description: 'The product', body: detailedProduct, headers },
    304: { description: 'The copy of the client is current', headers },
  },
  problems: [productNotFound, serviceUnavailable],
});

const createProduct = defineRoute({
  ...editing,
  method: 'POST',
  path: '/products',
  name: 'createProduct',
  summary: 'Add a product with its variants and their stock',
  body: newProduct,
  responses: {
    201: {
      ...changed,
      description: 'The new product',
      headers: { ...headers, Location: 'Path of the product' },
    },
  },
  problems: [skuTaken, unknownCategory, invalidVariants, serviceUnavailable],
});

const changeProduct = defineRoute({
  ...editing,
  method: 'PATCH',
  path: '/products/:id',
  name: 'editProduct',
  summary: 'Change a product that nobody else has changed',
  params: params(samples.changed),
  headers: ifMatch,
  body: productChange,
  responses: { 200: changed },
  problems: [...conditional, unknownCategory, currencyFixed],
});

const replaceVariants = defineRoute({
  ...editing,
  method: 'PUT',
  path: '/products/:id/variants',
  name: 'replaceVariants',
  summary: 'Replace the variants of a product that nobody else has changed',
  params: params(samples.varied),
  headers: ifMatch,
  body: newVariants,
  responses: { 200: changed },
  problems: [...conditional, skuTaken, invalidVariants],
});

const deleteProduct = defineRoute({
  ...editing,
  method: 'DELETE',
  path: '/products/:id',
  name: 'deleteProduct',
  summary: 'Delete a product with all that it owns',
  description: 'Carts show it as unavailable. Orders and gifts keep what they have recorded of it.',
  params: params(samples.deleted),
  responses: { 204: { description: 'It is gone' } },
  problems: [productNotFound, serviceUnavailable],
});

/** The product with its entity tag, after a change. */
const replyOf = (product: ProductDetail) => {
  const reply = productReply(detailJson(product), undefined);
  if (reply.status !== 200) throw new Error('an unconditional reply has a body');
  const { text, headers: replyHeaders } = reply;
  return { text, headers: { ETag: replyHeaders.ETag } };
};

const requireIfMatch = (given: string | undefined): string => {
  if (given === undefined) throw new ProblemError(preconditionRequired);
  return given;
};

/** The route that reads a product with its variants. An app that caches products mounts its own route instead. */
export const createDetailRouter = ({
  editor,
}: {
  readonly editor: Pick<ProductEditor, 'find'>;
}): ContractRouter =>
  createRouter([
    route(readProduct).handle(async ({ params: { id }, headers: given }) => {
      const product = await editor.find(id);
      if (!product) throw new ProblemError(productNotFound);
      return productReply(detailJson(product), given['if-none-match']);
    }),
  ]);

/** The routes that write products, for callers with the permission `catalog:write`. */
export const createEditRouter = ({
  editor,
  callers,
}: {
  readonly editor: ProductEditor;
  readonly callers: Callers;
}): ContractRouter =>
  createRouter(
    [
      route(createProduct).handle(async ({ body, baseUrl }) => {
        const product = await editor.create(body);
        const { text, headers: sent } = replyOf(product);
        return { status: 201, headers: { ...sent, Location: `${baseUrl}/products/${product.row.id}` }, text };
      }),
      route(changeProduct).handle(async ({ params: { id }, headers: given, body }) => ({
        status: 200,
        ...replyOf(await editor.change(id, requireIfMatch(given['if-match']), body)),
      })),
      route(deleteProduct).handle(async ({ params: { id } }) => {
        await editor.remove(id);
        return { status: 204 };
      }),
      route(replaceVariants).handle(async ({ params: { id }, headers: given, body }) => ({
        status: 200,
        ...replyOf(await editor.replaceVariants(id, requireIfMatch(given['if-match']), body.variants)),
      })),
    ],
    { callers },
  );

import { etagOf, type ProductRow, productSchema, productToJson } from '@lab/catalog-pagination';
import { storableText, type Tag } from '@lab/shared/http';
import {
  formatMinorUnits,
  isKnownCurrency,
  minorDigitsOf,
  moneySchema,
  parseMinorUnits,
  parseMoney,
} from '@lab/shared/money';
import { z } from 'zod';
import type { Highlights, ProductDetail } from './product-detail.ts';
import { iceCreamExample } from './product-example.ts';

export const tag: Tag = {
  name: 'product-variants',
  description:
    'Products with variants, filtered by any attributes, with counts of what each other choice would give. Editors who change the same product or the same tree of categories never undo each other.',
};

const ATTRIBUTES = 20;
const VARIANTS = 100;

export const attributeName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,31}$/,
    'must be a letter and up to 31 letters, digits, dashes or underscores',
  );

// Filters separate values by commas.
export const attributeValue = storableText(1, 64)
  .refine((value) => !value.includes(','), 'must not contain a comma')
  .meta({ pattern: '^[^,]+$' });

const attributes = z
  .record(attributeName, attributeValue)
  .refine((given) => Object.keys(given).length <= ATTRIBUTES, `must have at most ${ATTRIBUTES} attributes`)
  .meta({ maxProperties: ATTRIBUTES });

const sku = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  .meta({ description: 'Stock keeping unit, unlike any other of a product or variant' });

const HIGHEST_MAJOR = 1e11;

/** Zero or more, in whole minor units of a known currency. */
const price = moneySchema.superRefine((given, { addIssue }) => {
  // Faults of shape are reported already, and such an amount cannot be read.
  if (!moneySchema.safeParse(given).success) return;
  if (!isKnownCurrency(given.currency)) {
    addIssue({ code: 'custom', path: ['currency'], message: 'must be an ISO 4217 currency' });
    return;
  }
  const { amount } = parseMoney(given);
  const isWrong =
    amount.isNegative() ||
    amount.greaterThanOrEqualTo(HIGHEST_MAJOR) ||
    amount.decimalPlaces() > minorDigitsOf(given.currency);
  if (isWrong) {
    const message = 'must be 0 or more and below 100 billion, in whole minor units of its currency';
    addIssue({ code: 'custom', path: ['amount'], message });
  }
});

/** A price as the database stores it. */
export const priceMinorOf = (given: z.output<typeof price>): number => parseMinorUnits(given);

const name = storableText(1, 200);
const description = storableText(0, 4000);

const draftVariant = z.strictObject({
  sku,
  attributes,
  price: price.optional().meta({ description: "Default: the product's price" }),
  stock: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .meta({ description: 'Default: 0 for a new variant, unchanged for a known one' }),
});

const draftVariants = z.array(draftVariant).max(VARIANTS);

export type DraftVariant = z.output<typeof draftVariant>;

export const newProduct = z
  .strictObject({
    sku,
    name,
    description: description.optional(),
    category: z.string().max(100).meta({ description: 'The id of a category, at any level' }),
    price,
    attributes: attributes.optional(),
    variants: draftVariants.optional(),
  })
  .meta({
    id: 'product-variants.NewProduct',
    example: {
      sku: 'ART-GOUACHE',
      name: 'Gouache tube, 20 ml',
      description: 'Opaque color that can be wetted again.',
      category: 'art-supplies.painting.gouache',
      price: { amount: '4.20', currency: 'USD' },
      attributes: { finish: 'matte' },
      variants: [
        { sku: 'ART-GOUACHE-OCHRE', attributes: { color: 'ochre' }, stock: 40 },
        {
          sku: 'ART-GOUACHE-GOLD',
          attributes: { color: 'gold' },
          price: { amount: '6.80', currency: 'USD' },
          stock: 12,
        },
      ],
    },
  });

export type NewProduct = z.output<typeof newProduct>;

export const productChange = z
  .strictObject({
    name: name.optional(),
    description: description.nullable().optional(),
    category: z.string().max(100).optional(),
    price: price.optional(),
    attributes: attributes.optional(),
  })
  .meta({
    id: 'product-variants.ProductChange',
    description:
      'Fields that are left out do not change. `attributes` replaces all attributes of the product',
    example: { description: 'Now in a paper bag.', attributes: { packaging: 'paper' } },
  });

export type ProductChange = z.output<typeof productChange>;

export const newVariants = z.strictObject({ variants: draftVariants }).meta({
  id: 'product-variants.NewVariants',
  description:
    'All variants that the product shall have. A known sku keeps its id and, unless given, its stock',
  example: { variants: [{ sku: 'LAB-9-SMALL', attributes: { size: 'small' }, stock: 5 }] },
});

const variant = z.strictObject({
  id: z.string(),
  sku: z.string(),
  attributes: z.record(z.string(), z.string()),
  price: moneySchema,
  available: z.int().meta({ description: 'How many can be bought now' }),
});

const { shape } = productSchema;

/** A product as lists show it. */
export const listedProduct = z
  .strictObject({
    ...shape,
    attributes: z.record(z.string(), z.string()),
    from_price: moneySchema.meta({ description: 'Price of the cheapest variant' }),
  })
  .meta({ id: 'product-variants.ListedProduct', example: iceCreamExample.listed });

export const detailedProduct = z
  .strictObject({
    ...listedProduct.shape,
    description: z.string().nullable(),
    variants: z.array(variant),
  })
  .meta({ id: 'product-variants.Product', example: iceCreamExample.detailed });

/** A product of a list as the API returns it. */
export const listedJson = (row: ProductRow, highlights: Highlights | undefined) => ({
  ...productToJson(row),
  attributes: { ...highlights?.attributes },
  from_price: formatMinorUnits(highlights?.fromPriceMinor ?? row.price_minor, row.currency),
});

/** A product with its variants as the API returns it. */
export const detailJson = ({ row, description, attributes, variants }: ProductDetail) => {
  const prices = variants.map(({ priceMinor }) => priceMinor ?? row.price_minor);
  const isInStock =
    variants.length > 0 ? variants.some(({ available }) => available > 0) : row.in_stock === 1;
  const fromPriceMinor = prices.length > 0 ? Math.min(...prices) : row.price_minor;
  return {
    ...listedJson(row, { attributes, fromPriceMinor }),
    in_stock: isInStock,
    description,
    variants: variants.map(({ priceMinor, ...each }) => ({
      id: each.id,
      sku: each.sku,
      attributes: { ...each.attributes },
      price: formatMinorUnits(priceMinor ?? row.price_minor, row.currency),
      available: each.available,
    })),
  };
};

/** The entity tag of all that the API shows of a product. */
export const etagOfDetail = (detail: ProductDetail): string => etagOf(JSON.stringify(detailJson(detail)));

import { productListQuery } from '@lab/catalog-pagination';
import { z } from 'zod';
import { attributeName, attributeValue } from '../editing/product-contract.ts';
import type { AttributeFilter } from './attribute-query.ts';

const PREFIX = 'attr.';
const MOST_ATTRIBUTES = 5;
const MOST_VALUES = 10;
const MOST_FACETS = 5;

const values = z
  .string('must be given once')
  .transform((text) => text.split(','))
  .pipe(z.array(attributeValue).max(MOST_VALUES, `must have at most ${MOST_VALUES} values`));

const facets = z
  .string()
  .transform((text) => [...new Set(text.split(','))])
  .pipe(z.array(attributeName).max(MOST_FACETS, `must name at most ${MOST_FACETS} attributes`));

const namesOf = (query: object): string[] => Object.keys(query).filter((name) => !(name in known));

const known = {
  ...productListQuery,
  facets: facets.optional().meta({
    description: `Attributes whose values are counted, separated by commas, at most ${MOST_FACETS}: \`recipe,flavor\``,
    example: 'recipe,flavor',
  }),
};

/**
 * The query of a list of products, with any `attr.<name>=value,value`. Which attributes there are is up to the
 * products, so names are checked only for their form.
 */
export const searchQuery = z
  .object(known)
  .catchall(z.unknown())
  .superRefine((query, { addIssue }) => {
    const names = namesOf(query);
    for (const name of names) {
      const isAttribute =
        name.startsWith(PREFIX) && attributeName.safeParse(name.slice(PREFIX.length)).success;
      if (!isAttribute) {
        addIssue({ code: 'unrecognized_keys', keys: [name] });
        continue;
      }
      const { error } = values.safeParse(query[name]);
      for (const { message } of error?.issues ?? []) addIssue({ code: 'custom', path: [name], message });
    }
    if (names.length > MOST_ATTRIBUTES) {
      addIssue({
        code: 'custom',
        path: [names.at(-1) ?? ''],
        message: `must be one of at most ${MOST_ATTRIBUTES}`,
      });
    }
  })
  // What has no fixed name is described in the text of the route.
  .meta({ additionalProperties: false });

/** The filters on attributes, in an order that does not depend on how they were written. */
export const attributeFilters = (query: z.output<typeof searchQuery>): readonly AttributeFilter[] =>
  namesOf(query)
    .toSorted()
    .map((name) => ({
      name: name.slice(PREFIX.length),
      values: [...new Set(values.parse(query[name]))].toSorted(),
    }));

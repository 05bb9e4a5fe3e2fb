import fc, { type Arbitrary } from 'fast-check';
import { type ZodType, z } from 'zod';
import { type Schema, scalarOf } from './scalar-arbitraries.ts';

/**
 * Values for places where the schema alone is not enough, such as ids that must exist or credentials. By place:
 * `params.id`, `query.cursor`, `headers.idempotency-key`, `body.items[].sku`. An empty list leaves the place out.
 */
export type Samples = Readonly<Record<string, readonly unknown[] | Arbitrary<unknown>>>;

interface Context {
  readonly root: Schema;
  readonly samples: Samples;
  readonly depth: number;
}

const deepest = 5;

const sampled = (given: readonly unknown[] | Arbitrary<unknown>): Arbitrary<unknown> =>
  given instanceof fc.Arbitrary ? given : fc.constantFrom(...given);

const isEmpty = (given: Samples[string] | undefined): boolean => Array.isArray(given) && given.length === 0;

const asSchema = (schema: Schema | boolean | undefined): Schema | undefined =>
  typeof schema === 'object' ? schema : undefined;

const array = (schema: Schema, at: string, context: Context): Arbitrary<unknown> => {
  const first = (schema.prefixItems ?? []).map((item, index) =>
    build(asSchema(item), `${at}[${index}]`, context),
  );
  if (first.length > 0) return fc.tuple(...first);
  const items = Array.isArray(schema.items) ? undefined : asSchema(schema.items);
  return fc.array(build(items, `${at}[]`, context), {
    minLength: schema.minItems ?? 0,
    maxLength: schema.maxItems ?? 10,
  });
};

const object = (schema: Schema, at: string, context: Context): Arbitrary<unknown> => {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => {
    const isLeftOut = isEmpty(context.samples[`${at}.${name}`]) || context.depth > deepest;
    return required.has(name) || !isLeftOut;
  });
  const model = fields.map(
    ([name, field]) => [name, build(asSchema(field), `${at}.${name}`, context)] as const,
  );
  const named = fc.record(Object.fromEntries(model), { requiredKeys: [...required] });
  const extra = asSchema(schema.additionalProperties);
  if (!extra) return named;
  const keys = schema.propertyNames ? build(asSchema(schema.propertyNames), `${at}[]`, context) : fc.string();
  const more = fc.dictionary(keys.map(String), build(extra, `${at}[]`, context), { maxKeys: 8 });
  return fc.tuple(more, named).map(([others, own]) => ({ ...others, ...own }));
};

const ofType = (schema: Schema, at: string, context: Context): Arbitrary<unknown> => {
  if (schema.type === 'array') return array(schema, at, context);
  if (schema.type === 'object') return object(schema, at, context);
  return scalarOf(schema) ?? fc.jsonValue({ maxDepth: 3 });
};

const oneOf = (schemas: readonly (Schema | boolean)[], at: string, context: Context): Arbitrary<unknown> =>
  fc.oneof(...schemas.map((each) => build(asSchema(each), at, context)));

/** Some values are the examples from the documentation, because those are the most likely to exist. */
const build = (schema: Schema | undefined, at: string, context: Context): Arbitrary<unknown> => {
  const given = context.samples[at];
  if (given !== undefined) return sampled(given);
  const made = fromSchema(schema, at, context);
  const examples = schema?.example === undefined ? (schema?.examples ?? []) : [schema.example];
  if (!Array.isArray(examples) || examples.length === 0) return made;
  return fc.oneof({ weight: 2, arbitrary: made }, { weight: 1, arbitrary: fc.constantFrom(...examples) });
};

const fromSchema = (schema: Schema | undefined, at: string, context: Context): Arbitrary<unknown> => {
  if (schema === undefined) return fc.jsonValue({ maxDepth: 3 });
  if (schema.$ref !== undefined) {
    const target =
      schema.$ref === '#' ? context.root : context.root.$defs?.[schema.$ref.split('/').at(-1) ?? ''];
    return build(asSchema(target), at, { ...context, depth: context.depth + 1 });
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return oneOf(branches, at, context);
  if (Array.isArray(schema.type)) {
    return oneOf(
      schema.type.map((type) => ({ ...schema, type })),
      at,
      context,
    );
  }
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => build(asSchema(part), at, context));
    return fc.tuple(...parts).map((values) => Object.assign({}, ...values));
  }
  return ofType(schema, at, context);
};

/**
 * Values that a zod schema accepts, as clients send them. They are derived from its JSON Schema, which lacks
 * refinements in code, so some may be refused. `place` is the prefix for looking up samples.
 */
export const arbitraryOf = (schema: ZodType, place: string, samples: Samples): Arbitrary<unknown> => {
  const root: Schema = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return build(root, place, { root, samples, depth: 0 });
};

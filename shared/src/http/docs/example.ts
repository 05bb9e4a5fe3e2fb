import { type ZodType, z } from 'zod';
import type { RouteContract } from '../route/contract.ts';

type Schema = z.core.JSONSchema.JSONSchema;

const asSchema = (schema: Schema | boolean | undefined): Schema => (typeof schema === 'object' ? schema : {});

/** The required members, and the optional ones with an example; undefined if a required member has no example. */
const composeObject = ({ properties = {}, required = [] }: Schema, root: Schema): unknown => {
  const members = Object.entries(properties)
    .filter(([name, member]) => required.includes(name) || asSchema(member).example !== undefined)
    .map(([name, member]) => [name, compose(asSchema(member), root)] as const);
  return members.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(members);
};

const compose = (schema: Schema, root: Schema): unknown => {
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.$ref !== undefined) {
    return compose(asSchema(root.$defs?.[schema.$ref.split('/').at(-1) ?? '']), root);
  }
  if (schema.type === 'object') return composeObject(schema, root);
  if (schema.type === 'array') {
    const item = compose(asSchema(Array.isArray(schema.items) ? undefined : schema.items), root);
    return item === undefined ? undefined : [item];
  }
  const branches = schema.anyOf ?? schema.oneOf ?? [];
  return branches.map((branch) => compose(asSchema(branch), root)).find((value) => value !== undefined);
};

/**
 * An example value from `.meta({ example })` of the schema or of its parts. Undefined if a required part has none. An
 * optional part is left out unless it has an `example`; `examples` documents its values without sending one.
 */
export const exampleOf = (schema: ZodType, io: 'input' | 'output' = 'input'): unknown => {
  const root: Schema = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return compose(root, root);
};

export interface ExampleRequest {
  /** Path of the contract with its parameters filled in. A parameter without an example keeps its name. */
  readonly path: string;
  readonly query: readonly [name: string, value: string][];
  readonly headers: readonly [name: string, value: string][];
  /** A JSON value; undefined if the contract has no JSON body. */
  readonly body: unknown;
}

const fieldsOf = (schema: z.ZodObject | undefined): [string, string][] => {
  if (!schema) return [];
  const example = exampleOf(schema);
  return typeof example === 'object' && example !== null
    ? Object.entries(example).map(([name, value]) => [name, String(value)])
    : [];
};

/** A parameter is one segment, and a wildcard any number of them. */
const fillIn = (sign: string, value: string): string =>
  sign === ':' ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/');

/** The path of a contract with the examples of its parameters. */
export const examplePath = ({ path, params }: RouteContract): string => {
  const given = new Map(fieldsOf(params));
  return path.replaceAll(/([:*])(\w+)/g, (_, sign: string, name: string) =>
    fillIn(sign, given.get(name) ?? name),
  );
};

/** The request from the examples of a contract, without credentials. */
export const exampleRequest = (contract: RouteContract): ExampleRequest => {
  const { query, headers, body } = contract;
  return {
    path: examplePath(contract),
    query: fieldsOf(query),
    headers: fieldsOf(headers),
    body: body && !('read' in body) ? exampleOf(body) : undefined,
  };
};

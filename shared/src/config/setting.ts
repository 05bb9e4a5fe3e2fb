import { type ZodType, z } from 'zod';

export const environments = ['development', 'test', 'production'] as const;

export type Environment = (typeof environments)[number];

/** Where a server runs, as far as its settings depend on it. */
export interface Place {
  readonly environment: Environment;
  /** Other machines can reach it: HOST is no loopback address. */
  readonly isExposed: boolean;
}

export interface Mark {
  /** Never shown: not in `GET /config`, not in a log, not in a fault. */
  readonly secret?: boolean;
  /** Defaults that hold in some environments only, as text. */
  readonly defaults?: Partial<Record<Environment, string>>;
  /** The default, in any environment, of a server that other machines can reach. */
  readonly exposedDefault?: string | undefined;
  /** The single secrets in a text of several; the text is one unless given. */
  readonly parts?: (text: string) => readonly string[];
}

const marks = z.registry<Mark>();

/** What a setting's schema is marked with; nothing where it is not. */
export const readMark = (schema: ZodType | undefined): Mark => (schema && marks.get(schema)) ?? {};

/**
 * A secret with a default for development and test. Production, and a server that other machines can reach, has to set
 * its own, no `parts` of the default in it.
 */
export const secret = <Schema extends ZodType>(
  schema: Schema,
  developmentDefault: string,
  parts?: Mark['parts'],
): Schema => {
  marks.add(schema, {
    secret: true,
    defaults: { development: developmentDefault, test: developmentDefault },
    ...(parts && { parts }),
  });
  return schema;
};

/** A setting whose default, as text, depends on the environment, or on whether other machines can reach the server. */
export const defaultByEnvironment = <Schema extends ZodType>(
  schema: Schema,
  defaults: Record<Environment, string>,
  { exposedDefault }: Pick<Mark, 'exposedDefault'> = {},
): Schema => {
  marks.add(schema, { defaults, exposedDefault });
  return schema;
};

/** A whole number within bounds, both included. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

/** `true`/`1`/`on` or `false`/`0`/`off`. */
export const onOff = () =>
  z
    .enum(['true', '1', 'on', 'false', '0', 'off'], 'must be on or off')
    .transform((text) => ['true', '1', 'on'].includes(text));

/** Entries separated by commas; spaces around them do not count. */
export const commaList = () =>
  z.string().transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );

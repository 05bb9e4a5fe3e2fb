import { type ZodType, z } from 'zod';

export const environments = ['development', 'test', 'production'] as const;

export type Environment = (typeof environments)[number];

/** What settings depend on besides their own text. */
export interface Place {
  readonly environment: Environment;
  /** Other machines can reach the server: HOST is not a loopback address. */
  readonly isExposed: boolean;
}

export interface Mark {
  /** Never shown in `GET /config`, a log or an error. */
  readonly secret?: boolean;
  /** Defaults by environment, as text. */
  readonly defaults?: Partial<Record<Environment, string>>;
  /** The default of a server that other machines can reach, in any environment. */
  readonly exposedDefault?: string | undefined;
  /** Splits a text into its secrets (default: the text is one secret). */
  readonly parts?: (text: string) => readonly string[];
  /** What to do about a secret that is not acceptable, as the end of a sentence (default: to create one). */
  readonly remedy?: string;
}

const marks = z.registry<Mark>();

/** The mark of a setting's schema; empty if it has none. */
export const readMark = (schema: ZodType | undefined): Mark => (schema && marks.get(schema)) ?? {};

/**
 * A secret. If it has a default for development and test, then in production, or if other machines can reach the
 * server, it must be set to a value that contains no `parts` of the default.
 */
export const secret = <Schema extends ZodType>(
  schema: Schema,
  developmentDefault?: string,
  options: Pick<Mark, 'parts' | 'remedy'> = {},
): Schema => {
  marks.add(schema, {
    secret: true,
    ...(developmentDefault !== undefined && {
      defaults: { development: developmentDefault, test: developmentDefault },
    }),
    ...options,
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

/** A whole number from `least` to `most`, inclusive. */
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

/** Entries separated by commas; spaces around them are ignored. */
export const commaList = () =>
  z.string().transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );

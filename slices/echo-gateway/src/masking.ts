/**
 * Sensitive fields are marked where they are defined, in the schema, and masked wherever a value of that schema
 * leaves the process. The alternative, a list of names to redact in each log and answer, forgets the next field.
 *
 * Guarantees: a marked field never leaves in clear, however deep it lies in objects, arrays and optionals.
 * Does NOT guarantee: that secrets typed into other fields are found (a card number inside `message`).
 */
import { z } from 'zod';

type Mask = (text: string) => string;

const masks = z.registry<{ readonly mask: Mask }>();

/** Keeps the last four characters: what PCI DSS 4.0 (3.4.1) lets a receipt show of a card number. */
export const lastFour: Mask = (text) => text.slice(-4).padStart(text.length, '*');

/** Keeps nothing, not even the length. */
export const nothing: Mask = () => '***';

/** Marks a field of a schema as sensitive. Masking changes strings only. */
export const sensitive = (schema: z.ZodString, mask: Mask): z.ZodString =>
  schema.meta({ writeOnly: true }).register(masks, { mask });

/** The value as it may be shown: every field marked in the schema masked, everything else as it was. */
export const maskSensitive = (schema: unknown, value: unknown): unknown => {
  if (schema instanceof z.ZodOptional) return maskSensitive(schema.unwrap(), value);
  if (schema instanceof z.ZodString) {
    const mask = masks.get(schema)?.mask;
    return mask && typeof value === 'string' ? mask(value) : value;
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => maskSensitive(schema.element, item));
  }
  if (schema instanceof z.ZodObject && typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [name, maskSensitive(schema.shape[name], field)]),
    );
  }
  return value;
};

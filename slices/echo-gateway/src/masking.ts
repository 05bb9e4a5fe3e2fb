/**
 * Sensitive fields are marked where they are defined, in the schema, and masked wherever a value of that schema leaves
 * the process. The alternative is a list of field names to redact in every log line and answer, and the next new field
 * is missing from it.
 *
 * Guarantees: a marked field never leaves the process unmasked, however deeply it is nested in objects, arrays and
 * optionals.
 * Does NOT guarantee: that secrets in other fields are found, such as a card number inside `message`.
 */
import { z } from 'zod';

type Mask = (text: string) => string;

const masks = z.registry<{ readonly mask: Mask }>();

/** Keeps the last four characters, which PCI DSS 4.0 (3.4.1) allows a receipt to show of a card number. */
export const lastFour: Mask = (text) => text.slice(-4).padStart(text.length, '*');

/** Hides everything, including the length. */
export const nothing: Mask = () => '***';

/** Marks a string field of a schema as sensitive. */
export const sensitive = (schema: z.ZodString, mask: Mask): z.ZodString =>
  schema.meta({ writeOnly: true }).register(masks, { mask });

/** Returns the value with every marked field masked and everything else unchanged. */
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

import pg from 'pg';

/**
 * Reads int8 and numeric as numbers, as SQLite does. Throws a RangeError if a number cannot hold the value exactly, so
 * that nothing is rounded silently.
 */
const parseWholeNumber = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(
    'the database returned a number that is not a whole number within 2^53: cast it in the query',
  );
};

const { INT8, NUMERIC } = pg.types.builtins;

/** The driver's own parsers except for whole numbers, which pg would return as strings. */
export const wholeNumbersAsNumbers: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    type === INT8 || type === NUMERIC ? parseWholeNumber : pg.types.getTypeParser(type, format),
};

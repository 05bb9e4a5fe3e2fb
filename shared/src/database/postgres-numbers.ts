import pg from 'pg';

/**
 * Reads int8 and numeric as numbers, as SQLite gives them, where that is exact, and throws a RangeError where it
 * is not: counts, sums and amounts in minor units fit, and nothing is ever rounded in silence.
 */
const parseWholeNumber = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(
    'the database answered a number that is no whole number within 2^53: cast it in the query',
  );
};

const { INT8, NUMERIC } = pg.types.builtins;

/** The drivers' own parsers but for whole numbers, which pg would hand out as strings. */
export const wholeNumbersAsNumbers: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    type === INT8 || type === NUMERIC ? parseWholeNumber : pg.types.getTypeParser(type, format),
};

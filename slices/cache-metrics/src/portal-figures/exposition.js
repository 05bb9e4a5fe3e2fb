// Reads the Prometheus text format 0.0.4, as far as a page of charts needs it: series and values. HELP and TYPE are passed
// over, because the page knows the names that it shows.

/** @typedef {{ readonly name: string, readonly labels: Readonly<Record<string, string>> }} Series */

const sample = /^([a-zA-Z_:][\w:]*(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?)[ \t]+(\S+)(?:[ \t]+-?\d+)?$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const infinities = new Map([
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

/** @param {string} text */
const unescapeLabel = (text) =>
  text.replaceAll(/\\(.)/g, (_, /** @type {string} */ char) => (char === 'n' ? '\n' : char));

/**
 * The name and labels of a series, from its text: `http_requests_total{method="GET"}`.
 *
 * @param {string} text
 * @returns {Series}
 */
export const parseSeries = (text) => {
  const [name = ''] = /^[^{]+/.exec(text) ?? [];
  /** @type {Record<string, string>} */
  const labels = {};
  for (const [, key = '', value = ''] of text.slice(name.length).matchAll(label))
    labels[key] = unescapeLabel(value);
  return { name, labels };
};

/**
 * The value of each series, by the text of the series. That text is the same in each answer of a server, so the labels of
 * a series need to be parsed only once. Lines that are no samples are passed over.
 *
 * @param {string} text
 * @returns {Map<string, number>}
 */
export const parseExposition = (text) => {
  const values = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, series, value = ''] = sample.exec(line.trimEnd()) ?? [];
    if (series !== undefined) values.set(series, infinities.get(value) ?? Number(value));
  }
  return values;
};

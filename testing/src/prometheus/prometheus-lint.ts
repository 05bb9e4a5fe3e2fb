import type { Sample } from './prometheus-lines.ts';

export interface Family {
  readonly name: string;
  readonly help: string | undefined;
  readonly type: string | undefined;
  readonly samples: readonly Sample[];
}

const types = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

const seriesKey = ({ name, labels }: Pick<Sample, 'name' | 'labels'>): string =>
  JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

const withoutBound = ({ labels: { le: _, ...labels } }: Sample): string => seriesKey({ name: '', labels });

const bound = ({ labels: { le = '' } }: Sample): number =>
  le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);

const isRising = (values: readonly number[], strictly: boolean): boolean =>
  values.every((value, index) => {
    const before = values[index - 1] ?? Number.NEGATIVE_INFINITY;
    return strictly ? value > before : value >= before;
  });

/** The buckets, the sum and the count of one set of labels. */
const lintHistogram = (name: string, samples: readonly Sample[]): string[] => {
  const only = (suffix: string) => samples.filter((sample) => sample.name === `${name}${suffix}`);
  const buckets = only('_bucket');
  const [count, sum] = [only('_count'), only('_sum')];
  const last = buckets.at(-1);
  return [
    ...(isRising(buckets.map(bound), true) ? [] : ['its bounds are not increasing']),
    ...(isRising(
      buckets.map(({ value }) => value),
      false,
    )
      ? []
      : ['its buckets are not cumulative']),
    ...(last?.labels.le === '+Inf' && last.value === count[0]?.value
      ? []
      : ['its bucket +Inf does not equal its count']),
    ...(count.length === 1 && sum.length === 1 ? [] : ['it does not have exactly one count and one sum']),
  ];
};

const lintName = ({ name, type, samples }: Family): string[] => {
  const isCounter = type === 'counter';
  const hasForeign = (label: string): boolean => samples.some(({ labels }) => label in labels);
  return [
    ...(isCounter && !name.endsWith('_total') ? ['a counter that does not end in _total'] : []),
    ...(!isCounter && name.endsWith('_total') ? [`a ${type} that ends in _total`] : []),
    ...(type === 'gauge' && /_(count|sum|bucket)$/.test(name)
      ? ['a gauge with a suffix of a histogram']
      : []),
    ...(type !== 'histogram' && hasForeign('le') ? ['the label le outside a histogram'] : []),
    ...(type !== 'summary' && hasForeign('quantile') ? ['the label quantile outside a summary'] : []),
    ...(isCounter && samples.some(({ value }) => !(value >= 0)) ? ['a counter below zero'] : []),
  ];
};

/** What `promtool check metrics` or the format itself rejects in one family. */
export const lintFamily = (family: Family): string[] => {
  const { name, help, type, samples } = family;
  const keys = samples.map(seriesKey);
  const ofLabels = Map.groupBy(samples, withoutBound).values();
  const faults = [
    ...(help ? [] : ['no HELP']),
    ...(type === undefined ? ['no TYPE'] : types.has(type) ? [] : [`unknown type ${type}`]),
    ...(new Set(keys).size === keys.length ? [] : ['a series appears twice']),
    ...lintName(family),
    ...(type === 'histogram' ? [...ofLabels].flatMap((each) => lintHistogram(name, each)) : []),
  ];
  return faults.map((fault) => `${name}: ${fault}`);
};

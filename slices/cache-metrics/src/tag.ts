import type { Tag } from '@lab/shared/http';

export const tag: Tag = {
  name: 'cache-metrics',
  description:
    'Answers reads from a cache that loads what is missing, once however many wait, and shows no old price after a change.',
};

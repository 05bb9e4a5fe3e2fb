import { serve } from '@lab/shared/http';
import { echoGatewaySettings } from './config.ts';
import { createEchoRouter, tag } from './router.ts';

await serve({
  name: 'echo-gateway',
  title: 'Echo gateway',
  description: tag.description,
  settings: echoGatewaySettings,
  start: ({ registry }) => [createEchoRouter({ registry, now: () => new Date() })],
});

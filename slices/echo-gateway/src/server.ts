import { serve } from '@lab/shared/http';
import { echoGatewaySettings } from './config.ts';
import { createEchoRouter } from './router.ts';

await serve({
  name: 'echo-gateway',
  title: 'Echo gateway',
  description: 'Validates requests at the edge and echoes what passed.',
  settings: echoGatewaySettings,
  start: ({ registry }) => [createEchoRouter({ registry, now: () => new Date() })],
});

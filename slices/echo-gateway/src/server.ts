import { loadSettings } from '@lab/shared/config';
import { createApp, launch, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { echoGatewaySettings } from './config.ts';
import { createEchoRouter } from './router.ts';

await launch(async () => {
  const { values: settings } = loadSettings(echoGatewaySettings);
  const { logger, registry } = observeServer('echo-gateway', settings);
  const router = createEchoRouter({ registry, now: () => new Date() });

  const about = {
    title: 'Echo gateway',
    description: 'Validates at the edge, echoes what passed.',
    version: '0.1.0',
  };
  const network = networkOptions(settings);
  const app = createApp(
    { ...about, ...network },
    { routers: [router], logger, registry, health: createHealth({}) },
  );
  await serve(app, network);
});

import { loadSettings } from '@lab/shared/config';
import { createApp, launch, networkOptions, serve } from '@lab/shared/http';
import { addProcessMetrics, createHealth, createLogger, createMetrics } from '@lab/shared/observability';
import { echoGatewaySettings } from './config.ts';
import { createEchoRouter } from './router.ts';

await launch(async () => {
  const { values: settings } = loadSettings(echoGatewaySettings);
  const network = networkOptions(settings);
  const logger = createLogger({
    service: 'echo-gateway',
    level: settings.LOG_LEVEL,
    environment: settings.APP_ENV,
  });
  const registry = createMetrics();
  addProcessMetrics(registry);

  const router = createEchoRouter({ registry, now: () => new Date() });
  const app = createApp(
    {
      title: 'Echo gateway',
      description: 'Validates at the edge, echoes what passed.',
      version: '0.1.0',
      ...network,
    },
    { routers: [router], logger, registry, health: createHealth({}) },
  );
  await serve(app, network);
});

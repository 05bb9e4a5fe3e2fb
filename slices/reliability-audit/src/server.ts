import { serve } from '@lab/shared/http';
import { reliabilityAuditSettings } from './config.ts';
import { startUpstream, wrappedOptions } from './wrapped/start-upstream.ts';
import { unaudited } from './wrapped/wrapped-audit.ts';
import { tag } from './wrapped/wrapped-contract.ts';
import { createWrappedRouter } from './wrapped/wrapped-router.ts';

await serve({
  name: 'reliability-audit',
  title: 'Reliability and audit',
  description: tag.description,
  settings: reliabilityAuditSettings,
  start: async (server) => {
    const { url, upstream, policy } = await startUpstream(server);
    server.details.upstream = url;
    const audit = unaudited;
    return [createWrappedRouter({ upstream, policy, audit }, wrappedOptions(server.settings))];
  },
});

import { serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const echoGatewaySettings = z.object(serverSettings({ port: 3001 }));

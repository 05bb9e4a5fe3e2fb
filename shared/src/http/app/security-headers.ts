import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Helmet's headers, and `Cache-Control: no-store` for answers that do not say otherwise. Helmet's default policy allows
 * styles and fonts from any https host; ours allows none.
 */
export const securityHeaders = ({ publicUrl }: { readonly publicUrl: string }): RequestHandler => {
  const setHelmetHeaders = helmet({
    contentSecurityPolicy: {
      directives: {
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'", 'data:'],
        'upgrade-insecure-requests': publicUrl.startsWith('https:') ? [] : null,
      },
    },
  });
  return (req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    setHelmetHeaders(req, res, next);
  };
};

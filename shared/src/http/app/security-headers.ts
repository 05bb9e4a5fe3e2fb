import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Helmet's headers, and `Cache-Control: no-store` for responses that do not set another value. Unlike Helmet's default
 * policy, ours allows no styles or fonts from other hosts.
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

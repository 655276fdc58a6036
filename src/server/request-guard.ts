import type { FastifyInstance } from 'fastify';
import type { Role } from '../config/server-schema.js';
import { mayAct, type Access } from './access.js';
import type { Principal } from './token-list.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route needs; by default, the page is open, and API, HLS and metrics need the role view. */
    access?: Role | 'open';
  }
  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    who: Principal | null;
  }
}

/** The page may load what this server gives it and nothing else; blobs are what hls.js plays from. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Refuses who may not ask, and logs who did. */
export function addGuards(server: FastifyInstance, access: Access): void {
  server.decorateRequest('who', null);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': access.allowsOrigin(request.headers.origin) ? 'cross-origin' : 'same-origin',
      'cache-control': 'no-store',
    });
    if (!access.isSameSite(request.raw)) {
      return reply.code(403).send({
        error: 'this address is not served',
        remedy: 'open the server by its own address, or name your site in server.cors',
        code: 'request-invalid',
      });
    }
    // By the route that was found, not by the address as it was written: that can be encoded in many ways.
    const { url = '', config } = request.routeOptions;
    const needed = config.access ?? (/^\/(api|hls|metrics)(\/|$)/.test(url) ? 'view' : 'open');
    if (needed === 'open') return undefined;
    const who = access.whoAsks(request.raw);
    if (!who) {
      return reply.code(401).header('www-authenticate', 'Bearer').send({
        error: 'a token is needed',
        remedy: 'send Authorization: Bearer with a token of server.tokens',
        code: 'request-invalid',
      });
    }
    request.who = who;
    if (mayAct(who, needed)) return undefined;
    return reply.code(403).send({
      error: `the token "${who.name}" may look and not change`,
      remedy: 'use a token of the role control',
      code: 'request-invalid',
    });
  });
  server.addHook('onResponse', async (request, reply) => {
    // Without the query, in which people put what must not be kept.
    const { method, url, ip } = request;
    request.log.debug({ ip, status: reply.statusCode, who: request.who?.name }, `${method} ${url.split('?')[0] ?? ''}`);
  });
}

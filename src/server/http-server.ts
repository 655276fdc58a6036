import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { packageRoot } from '../config/package-root.js';
import type { WebRtcConfig } from '../config/schema.js';
import type { ServerConfig } from '../config/server-schema.js';
import { AfterglowError, type ErrorCode } from '../errors/afterglow-error.js';
import type { Logger } from '../logging/logger.js';
import { WeriftEngine } from '../publish/werift-engine.js';
import type { WebRtcEngine } from '../publish/webrtc-engine.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { Access, isLoopback } from './access.js';
import { LiveSocket } from './live-socket.js';
import { PublishedStream } from './published-stream.js';
import { addStreamRoutes } from './stream-routes.js';

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

/** Requests from one address in a minute: a page plays HLS with a few a second. */
const REQUESTS_PER_MINUTE = 1200;

const STATUS_OF: Partial<Record<ErrorCode, number>> = { 'stream-unknown': 404, 'viewer-refused': 400 };

/** The HTTP server: API, WHEP, HLS, WebSocket and the viewer page. */
export class HttpServer {
  readonly #server: FastifyInstance;
  readonly #engine: WebRtcEngine;
  readonly #socket: LiveSocket;
  readonly #streams: ReadonlyMap<string, PublishedStream>;
  /** Where the viewer page is. */
  readonly address: string;

  private constructor(
    server: FastifyInstance,
    engine: WebRtcEngine,
    socket: LiveSocket,
    streams: ReadonlyMap<string, PublishedStream>,
    address: string,
  ) {
    this.#server = server;
    this.#engine = engine;
    this.#socket = socket;
    this.#streams = streams;
    this.address = address;
  }

  /** Starts to listen, then starts the streams. Throws AfterglowError `port-in-use` or `unsafe-binding`. */
  static async start(
    config: { readonly server: ServerConfig; readonly webrtc: WebRtcConfig },
    supervisor: Supervisor,
    logger: Logger,
  ): Promise<HttpServer> {
    const access = new Access(config.server);
    const streams = new Map<string, PublishedStream>();
    const loggerInstance: FastifyBaseLogger = logger;
    const server = Fastify({
      loggerInstance,
      // A page that plays HLS asks a few times a second: addGuards logs it for those who look for it.
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit: 64 * 1024,
      requestTimeout: 30_000,
    });
    addGuards(server, access);
    await server.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE, timeWindow: '1 minute' });
    await addViewerPage(server);
    server.get('/healthz', () => ({ status: 'ok', streams: streams.size }));
    addStreamRoutes(server, streams);
    await listen(server, config.server);

    const engine = new WeriftEngine(config.webrtc, isLoopback(config.server.host));
    for (const handle of supervisor.streams) {
      streams.set(handle.config.id, await PublishedStream.start(handle, engine, config.server.maxViewers));
    }
    const socket = new LiveSocket(server.server, access, streams);
    return new HttpServer(server, engine, socket, streams, addressOf(server, config.server));
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#socket.close();
    this.#server.server.closeAllConnections();
    await Promise.all([this.#engine.close(), this.#server.close()]);
    for (const stream of this.#streams.values()) stream.close();
  }
}

function addGuards(server: FastifyInstance, access: Access): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    if (!access.isSameSite(request.raw)) return reply.code(403).send({ error: 'this address is not served' });
    // By the route that was found, not by the address as it was written: that can be encoded in many ways.
    if (!/^\/(api|hls)\//.test(request.routeOptions.url ?? '') || access.admits(request.raw)) return undefined;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'a token is needed' });
  });
  server.addHook('onResponse', async (request, reply) => {
    // Without the query, in which people put what must not be kept.
    const { method, url, ip } = request;
    request.log.debug({ ip, status: reply.statusCode }, `${method} ${url.split('?')[0] ?? ''}`);
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof AfterglowError) {
      const status = error.retryable ? 503 : (STATUS_OF[error.code] ?? 500);
      return reply.code(status).send({ error: error.message, remedy: error.remedy, code: error.code });
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error(error, 'a request failed');
    return reply.code(status).send({ error: status >= 500 ? 'something went wrong here; see the log' : error.message });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('application/json').send({ error: 'there is nothing here' }),
  );
}

async function addViewerPage(server: FastifyInstance): Promise<void> {
  const folder = path.join(packageRoot, 'dist', 'web-viewer');
  if (!existsSync(path.join(folder, 'index.html'))) {
    throw new AfterglowError('internal', 'the viewer page is not built', { remedy: 'run "npm run build"' });
  }
  await server.register(fastifyStatic, { root: folder, cacheControl: false });
}

async function listen(server: FastifyInstance, config: ServerConfig): Promise<void> {
  try {
    await server.listen({ host: config.host, port: config.port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new AfterglowError('port-in-use', `port ${config.port} at ${config.host} is in use`, {
        remedy: 'end the other program, or choose another port with --port',
        cause,
      });
    }
    if (code === 'EACCES') {
      throw new AfterglowError('port-in-use', `port ${config.port} may not be opened`, {
        remedy: 'choose a port above 1023 with --port',
        cause,
      });
    }
    throw new AfterglowError('port-in-use', `the server cannot listen at ${config.host}: ${(cause as Error).message}`, {
      remedy: 'correct server.host',
      cause,
    });
  }
}

function addressOf(server: FastifyInstance, config: ServerConfig): string {
  const bound = server.server.address();
  const port = typeof bound === 'object' && bound ? bound.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

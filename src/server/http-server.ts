import { existsSync } from 'node:fs';
import { Server as HttpsServer } from 'node:https';
import path from 'node:path';
import fastifyCors from '@fastify/cors';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { packageRoot } from '../config/package-root.js';
import type { Config } from '../config/schema.js';
import type { ServerConfig } from '../config/server-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Logger } from '../logging/logger.js';
import { startEngine } from '../publish/engine-choice.js';
import { WhipIngest } from '../publish/whip-ingest.js';
import type { WebRtcEngine } from '../publish/webrtc-engine.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { Access, isLoopback } from './access.js';
import { Admissions } from './admissions.js';
import { FilmRoom } from '../film-room/film-room.js';
import { addApiDocument } from './api-document.js';
import { addControlRoutes } from './control-routes.js';
import { addErrorAnswers } from './error-answer.js';
import { Health } from './health.js';
import { addressOf, createListener, listenError } from './http-listener.js';
import { LiveSocket } from './live-socket.js';
import { createMetrics, LoopWatch } from './metrics.js';
import { addPipelineRoutes } from './pipeline-routes.js';
import { addRecordingRoutes } from './recording-routes.js';
import { addFilmRoutes } from './film-routes.js';
import { addGuards } from './request-guard.js';
import { addServerRoutes } from './server-routes.js';
import { addSettingsRoutes } from './settings-routes.js';
import { addSnapshotRoutes } from './snapshot-routes.js';
import { StreamRegistry } from './stream-registry.js';
import { addStreamRoutes } from './stream-routes.js';
import { readTlsFiles } from './tls-files.js';
import { addUploadRoutes } from './upload-routes.js';
import { addWhipRoutes } from './whip-routes.js';

/** The largest body of a request; SDP offers have a limit of their own. */
const MAX_BODY_BYTES = 64 * 1024;

/** The parts of a server that end with it. */
interface Parts {
  readonly server: FastifyInstance;
  readonly access: Access;
  readonly admissions: Admissions;
  readonly engine: WebRtcEngine;
  readonly ingest: WhipIngest;
  readonly streams: StreamRegistry;
  readonly socket: LiveSocket;
  readonly health: Health;
  readonly loop: LoopWatch;
  readonly room: FilmRoom;
  readonly endUploads: () => void;
}

/** The HTTP server: API, WHEP, HLS, WebSocket, figures and the viewer page. */
export class HttpServer {
  readonly #parts: Parts;
  readonly #settings: { current: ServerConfig };
  /** Where the viewer page is. */
  readonly address: string;

  private constructor(parts: Parts, settings: { current: ServerConfig }) {
    this.#parts = parts;
    this.#settings = settings;
    this.address = addressOf(parts.server.server, settings.current);
  }

  /** Starts to listen, then starts the streams. Throws AfterglowError `port-in-use`, `unsafe-binding` or `tls-invalid`. */
  static async start(
    config: Pick<Config, 'server' | 'webrtc' | 'inference' | 'films'>,
    supervisor: Supervisor,
    logger: Logger,
  ): Promise<HttpServer> {
    // What may change while the server runs is read when it is needed.
    const settings = { current: config.server };
    const access = new Access(config.server);
    const admissions = new Admissions(access);
    const pair = config.server.tls ? readTlsFiles(config.server.tls) : null;
    const engine = await startEngine(config.webrtc, isLoopback(config.server.host), logger);
    const ingest = new WhipIngest(config.webrtc, isLoopback(config.server.host));
    const streams = new StreamRegistry(supervisor, engine, () => settings.current.maxViewers);
    const loop = new LoopWatch();
    const health = new Health(streams, loop, supervisor.hlsRoot);
    const loggerInstance: FastifyBaseLogger = logger;
    const server = Fastify({
      loggerInstance,
      // A page that plays HLS asks a few times a second: addGuards logs it for those who look for it.
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit: MAX_BODY_BYTES,
      serverFactory: (handler) => createListener(handler, pair),
    });
    await server.register(fastifyCors, {
      delegator: (request, callback) =>
        callback(null, {
          origin: access.allowsOrigin(request.headers.origin),
          methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
          allowedHeaders: ['authorization', 'content-type', 'range'],
          exposedHeaders: ['location', 'last-modified', 'content-range', 'retry-after'],
          maxAge: 600,
        }),
    });
    addGuards(server, access);
    addErrorAnswers(server);
    await server.register(fastifyRateLimit, {
      max: () => settings.current.maxRequestsPerMinute,
      timeWindow: '1 minute',
    });
    await addApiDocument(server);
    await addViewerPage(server);
    addServerRoutes(server, health, createMetrics(streams, loop));
    addStreamRoutes(server, streams, admissions);
    addWhipRoutes(server, streams, ingest, admissions);
    addControlRoutes(server, streams, () => settings.current.inputFolders);
    addPipelineRoutes(server);
    addSettingsRoutes(server, streams);
    addSnapshotRoutes(server, streams);
    addRecordingRoutes(server, streams);
    const room = new FilmRoom(config.films, config.inference);
    addFilmRoutes(server, room);
    const endUploads = addUploadRoutes(server, room, config.films);
    try {
      await server.listen({ host: config.server.host, port: config.server.port });
    } catch (cause) {
      loop.close();
      room.close();
      endUploads();
      await Promise.all([engine.close(), ingest.close()]);
      throw listenError(cause, config.server);
    }
    const socket = new LiveSocket(server.server, access, streams, logger);
    const parts: Parts = {
      server,
      access,
      admissions,
      engine,
      ingest,
      streams,
      socket,
      health,
      loop,
      room,
      endUploads,
    };
    await streams.startAll();
    health.started();
    return new HttpServer(parts, settings);
  }

  /** The streams that it serves. */
  get streams(): StreamRegistry {
    return this.#parts.streams;
  }

  /** Checks another configuration without taking it. Throws AfterglowError. */
  check(config: ServerConfig): void {
    new Access({ ...config, host: this.#settings.current.host });
    if (config.tls) readTlsFiles(config.tls);
  }

  /**
   * Takes what can change while it runs: tokens, certificate, origins, limits. Connections stay, but for those whose
   * token is not known any more. Throws AfterglowError as check, and then nothing has changed.
   */
  reload(config: ServerConfig): void {
    const { server, access, admissions, socket } = this.#parts;
    const pair = config.tls ? readTlsFiles(config.tls) : null;
    access.reload(config);
    const listener: unknown = server.server;
    if (pair && listener instanceof HttpsServer) listener.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
    this.#settings.current = { ...config, host: this.#settings.current.host, port: this.#settings.current.port };
    socket.dismissStrangers();
    admissions.dismissStrangers();
  }

  /** Says that the server is about to end, so that no new viewers are sent to it. */
  announceEnd(): void {
    this.#parts.health.stopping();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const { server, engine, ingest, streams, socket, loop, room, endUploads } = this.#parts;
    this.announceEnd();
    endUploads();
    room.close();
    socket.close();
    server.server.closeAllConnections();
    await Promise.all([engine.close(), ingest.close(), server.close()]);
    await streams.close();
    loop.close();
  }
}

async function addViewerPage(server: FastifyInstance): Promise<void> {
  const folder = path.join(packageRoot, 'dist', 'web-viewer');
  if (!existsSync(path.join(folder, 'index.html'))) {
    throw new AfterglowError('internal', 'the viewer page is not built', { remedy: 'run "npm run build"' });
  }
  await server.register(fastifyStatic, { root: folder, cacheControl: false });
}

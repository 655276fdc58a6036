import http from 'node:http';
import https from 'node:https';
import type { ServerConfig } from '../config/server-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { TlsPair } from './tls-files.js';

/** Milliseconds in which the head of a request must have come, and all of it. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
/** Milliseconds for which a connection is kept for the next request. */
const KEEP_ALIVE_TIMEOUT = 15_000;
/** How often slow requests are looked for, in milliseconds. */
const CHECK_EVERY = 2000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const MAX_REQUESTS_PER_SOCKET = 10_000;
/** Open connections; each of a browser's pages has up to six. */
const MAX_CONNECTIONS = 2000;

/** An HTTP server, or HTTPS with a certificate, that slow and endless requests do not wear down. */
export function createListener(handler: http.RequestListener, pair: TlsPair | null): http.Server {
  const options = {
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    connectionsCheckingInterval: CHECK_EVERY,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const server = pair
    ? https.createServer({ ...options, ...pair, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_TIMEOUT }, handler)
    : http.createServer(options, handler);
  server.maxHeadersCount = MAX_HEADERS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** What went wrong with listening, for people. */
export function listenError(cause: unknown, { host, port }: ServerConfig): AfterglowError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new AfterglowError('port-in-use', `port ${port} at ${host} is in use`, {
      remedy: 'end the other program, or choose another port with --port',
      cause,
    });
  }
  if (code === 'EACCES') {
    return new AfterglowError('port-in-use', `port ${port} may not be opened`, {
      remedy: 'choose a port above 1023 with --port',
      cause,
    });
  }
  return new AfterglowError('port-in-use', `the server cannot listen at ${host}: ${message}`, {
    remedy: 'correct server.host',
    cause,
  });
}

/** Where a listening server is to be found, with a slash at the end. */
export function addressOf(server: http.Server, config: ServerConfig): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host;
  const scheme = server instanceof https.Server ? 'https' : 'http';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

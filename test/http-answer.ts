import http from 'node:http';
import type { RunningAfterglow } from './running-afterglow.js';

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What is asked besides the address. A body that is no string is sent as JSON. */
export interface HttpQuestion {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: unknown;
  readonly token?: string;
}

/** A request exactly as written: fetch would tidy the path and set the Host header itself. */
export function ask(afterglow: RunningAfterglow, target: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const { hostname, port } = new URL(afterglow.address);
  const { method = 'GET', body, token } = question;
  const isText = body === undefined || typeof body === 'string';
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(isText ? {} : { 'content-type': 'application/json' }),
    ...question.headers,
  };
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path: target, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(response.headers['content-type'] === 'image/jpeg' ? 'latin1' : 'utf8'),
        }),
      );
    });
    request.on('error', reject);
    request.end(isText ? body : JSON.stringify(body));
  });
}

// Ends with 0 if the server says that it works: the health check of containers, which have no curl. The environment
// variable AFTERGLOW_HEALTH_URL names another address, such as https://127.0.0.1:8443/healthz.
import http from 'node:http';
import https from 'node:https';

const url = new URL(process.env['AFTERGLOW_HEALTH_URL'] ?? 'http://127.0.0.1:8080/healthz');
// The certificate is made out to the name that viewers use, and not to this machine's own.
const options = { timeout: 4000, rejectUnauthorized: false };
const request = (url.protocol === 'https:' ? https : http).get(url, options, (response) => {
  response.resume();
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', () => {
  process.exitCode = 1;
});

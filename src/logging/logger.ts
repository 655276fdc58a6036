import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** Levels of the log, least important first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Fields that hold secrets wherever they turn up: a mistake elsewhere shall not write them down. */
const REDACTED = [
  ...['token', 'tokens', 'password', 'credentials', 'authorization', 'cookie'].flatMap((name) => [name, `*.${name}`]),
  'req.headers.authorization',
  'headers.authorization',
];

/** The program's log: lines for people on a terminal, JSON for programs elsewhere. */
export function createLogger(level: LogLevel): Logger {
  const options = { level, base: null, redact: { paths: REDACTED, censor: '***' } };
  if (!process.stderr.isTTY) return pino(options, process.stderr);
  return pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}

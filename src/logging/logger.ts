import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** Levels of the log, least important first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The program's log: lines for people on a terminal, JSON for programs elsewhere. */
export function createLogger(level: LogLevel): Logger {
  if (!process.stderr.isTTY) return pino({ level, base: null }, process.stderr);
  return pino(
    { level, base: null },
    pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }),
  );
}

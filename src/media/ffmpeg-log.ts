import { AV_LOG_QUIET } from 'node-av/constants';
import { Log } from 'node-av/lib';

/**
 * Keeps FFmpeg's own lines off the terminal, for the whole process: they name addresses with credentials, and what they
 * tell that matters comes as errors too. No log callback: it would belong to the thread that set it, and FFmpeg calls it
 * from others after that thread has ended.
 */
export function silenceFfmpeg(): void {
  Log.setLevel(AV_LOG_QUIET);
}

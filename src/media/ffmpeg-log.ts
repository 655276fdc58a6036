import { AV_LOG_ERROR, AV_LOG_WARNING } from 'node-av/constants';
import { Log } from 'node-av/lib';

/** Lines kept to explain an error that FFmpeg reports only as a number. */
const KEPT = 20;
const lines: string[] = [];

/** Keeps FFmpeg's warnings and errors off the terminal and in memory, for `recentFfmpegLog`. */
export function captureFfmpegLog(): void {
  Log.setLevel(AV_LOG_WARNING);
  Log.setCallback(
    (_level, message) => {
      lines.push(message.trim());
      if (lines.length > KEPT) lines.shift();
    },
    { maxLevel: AV_LOG_ERROR },
  );
}

/** FFmpeg's latest error lines. They may hold addresses with credentials: redact before showing. */
export function recentFfmpegLog(): readonly string[] {
  return lines;
}

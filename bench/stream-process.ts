// One run of a stream in a process of its own, as streams have it, started by measured-stream.ts with what to run.

import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { runStream } from './end-to-end.js';
import type { StreamTask } from './measured-stream.js';
import { plainTranscode } from './plain-transcode.js';

silenceFfmpeg();
const task = JSON.parse(process.argv[2] ?? '') as StreamTask;
const result =
  task.pipeline === null
    ? plainTranscode(task.file, task)
    : await runStream(task.file, task.pipeline, task.seconds === null ? { exact: true } : { seconds: task.seconds });
process.send?.(result, () => process.exit(0));

import type { WebRtcConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { workerBinary } from './mediasoup/worker-binary.js';
import type { EngineLog, WebRtcEngine } from './webrtc-engine.js';

const REMEDY = 'run "npm run webrtc:worker", or set webrtc.engine to auto';

/** An engine that runs, and why it is this one. */
export interface ChosenEngine {
  readonly engine: WebRtcEngine;
  /** In words. */
  readonly why: string;
  /** What gets an engine for more viewers; empty where this one was asked for or is that one. */
  readonly remedy: string;
  /** Whether a better one is there and does not work. */
  readonly isFault: boolean;
}

/**
 * Starts the engine that the configuration names; `auto` is mediasoup where its worker is there and starts, else werift. Throws
 * AfterglowError `webrtc-unavailable` where mediasoup is asked for and cannot be had.
 */
export async function chooseEngine(config: WebRtcConfig, loopbackOnly: boolean, log: EngineLog): Promise<ChosenEngine> {
  if (config.engine === 'werift') {
    const why = 'WebRTC by werift, as the configuration asks';
    return { engine: await werift(config, loopbackOnly), why, remedy: '', isFault: false };
  }
  const binary = workerBinary();
  let reason = 'its worker is not there';
  let cause: unknown;
  if (binary !== null) {
    try {
      const { MediasoupEngine } = await import('./mediasoup/mediasoup-engine.js');
      const engine = await MediasoupEngine.start(binary, config, loopbackOnly, log);
      return { engine, why: `WebRTC by mediasoup, whose worker is ${binary}`, remedy: '', isFault: false };
    } catch (error) {
      cause = error;
      reason = `its worker ${binary} does not start (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  if (config.engine === 'mediasoup') {
    throw new AfterglowError('webrtc-unavailable', `mediasoup cannot be used: ${reason}`, { remedy: REMEDY, cause });
  }
  return {
    engine: await werift(config, loopbackOnly),
    why: `WebRTC by werift, since mediasoup cannot be used: ${reason}`,
    remedy: 'good for a handful of viewers; "npm run webrtc:worker" gets mediasoup\'s worker',
    isFault: binary !== null,
  };
}

/** Engines are loaded by who needs them: each takes half a second. */
async function werift(config: WebRtcConfig, loopbackOnly: boolean): Promise<WebRtcEngine> {
  const { WeriftEngine } = await import('./werift-engine.js');
  return new WeriftEngine(config, loopbackOnly);
}

/** Starts the engine as chooseEngine does, and says which it is in the log. Throws AfterglowError `webrtc-unavailable`. */
export async function startEngine(config: WebRtcConfig, loopbackOnly: boolean, log: EngineLog): Promise<WebRtcEngine> {
  const { engine, why, remedy, isFault } = await chooseEngine(config, loopbackOnly, log);
  const text = remedy === '' ? why : `${why} (${remedy})`;
  if (isFault) log.warn(text);
  else log.info(text);
  return engine;
}

import { SizeChoice } from './size-choice.js';
import type { WebRtcViewer } from './webrtc-engine.js';

/** How often a viewer's figures are looked at, in milliseconds; clients report about once a second. */
const LOOK_EVERY = 1000;

/** Sends a viewer that came for the enhanced picture its small size for as long as its connection carries no more. */
export function adaptSize(viewer: WebRtcViewer): void {
  if (viewer.rendition !== 'enhanced') return;
  const choice = new SizeChoice();
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    void viewer.reception().then((reception) => {
      isAsking = false;
      if (reception) viewer.show(choice.take(reception, performance.now() / 1000));
    });
  }, LOOK_EVERY);
  viewer.onGone(() => clearInterval(timer));
}

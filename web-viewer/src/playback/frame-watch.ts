/** What is known of a picture that has come to the screen. */
export interface ShownFrame {
  /** When, by `performance.now()`. */
  readonly at: number;
  /** RTP timestamp, or null where the browser does not tell or the picture did not come by RTP. */
  readonly rtpTimestamp: number | null;
  /** Pictures shown up to now by the browser's count, or null where it does not count. */
  readonly presented: number | null;
}

/**
 * Calls back for every picture that a video shows, until the returned function is called. Browsers without
 * requestVideoFrameCallback are watched at the screen's pace for a time that moves.
 */
export function watchFrames(video: HTMLVideoElement, shown: (frame: ShownFrame) => void): () => void {
  let handle = 0;
  if ('requestVideoFrameCallback' in video) {
    const next = (at: number, metadata: VideoFrameCallbackMetadata): void => {
      handle = video.requestVideoFrameCallback(next);
      shown({ at, rtpTimestamp: metadata.rtpTimestamp ?? null, presented: metadata.presentedFrames });
    };
    handle = video.requestVideoFrameCallback(next);
    return () => video.cancelVideoFrameCallback(handle);
  }
  const watched = video as HTMLVideoElement;
  let last = watched.currentTime;
  const look = (at: number): void => {
    handle = requestAnimationFrame(look);
    if (watched.currentTime === last || watched.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    last = watched.currentTime;
    shown({ at, rtpTimestamp: null, presented: null });
  };
  handle = requestAnimationFrame(look);
  return () => cancelAnimationFrame(handle);
}

/** A video that has data shows it within a screen refresh or two; this is long enough for that, in milliseconds. */
const PAINT = 120;

/**
 * Resolves when a video's first picture is on the screen. A page in the background paints nothing: there it is enough
 * that the picture has come. Rejects with the signal's reason when that is aborted.
 */
export function firstPicture(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    let timer = 0;
    const finish = (): void => {
      clearTimeout(timer);
      done.abort();
      resolve();
    };
    const arrived = (): void => {
      timer = window.setTimeout(finish, PAINT);
    };
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        done.abort();
        reject(signal.reason as Error);
      },
      { signal: done.signal, once: true },
    );
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(finish);
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth > 0) arrived();
    else video.addEventListener('loadeddata', arrived, { signal: done.signal, once: true });
  });
}

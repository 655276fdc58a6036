/** The line over the last picture while the source is away. since: when its last picture came; null if none ever has. */
export function offlineText(since: Date | null, now: Date): string {
  if (since === null) return 'waiting for the first picture';
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [since.getHours(), since.getMinutes(), since.getSeconds()].map(two).join(':');
  if (since.toDateString() === now.toDateString()) return `offline since ${time}`;
  return `offline since ${since.getFullYear()}-${two(since.getMonth() + 1)}-${two(since.getDate())} ${time}`;
}

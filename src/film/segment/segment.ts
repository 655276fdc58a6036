/** A stretch of a film that is processed as one: a shot, or a part of a long one. */
export interface Segment {
  /** Number of the segment in the film, from 0. */
  readonly index: number;
  /** Number of its shot, from 0. */
  readonly shot: number;
  /** First picture and the one after the last, by number in the film. */
  readonly first: number;
  readonly end: number;
  /** First picture of the shot and the one after its last. */
  readonly shotFirst: number;
  readonly shotEnd: number;
}

/** A shot: pictures from `first` up to but not with `end`. */
export interface Shot {
  readonly first: number;
  readonly end: number;
}

/** Cuts shots into segments of at most `longest` pictures, as even as they come. */
export function cutIntoSegments(shots: readonly Shot[], longest: number): Segment[] {
  const segments: Segment[] = [];
  shots.forEach((shot, number) => {
    const length = shot.end - shot.first;
    const count = Math.ceil(length / longest);
    for (let i = 0; i < count; i++) {
      segments.push({
        index: segments.length,
        shot: number,
        first: shot.first + Math.floor((i * length) / count),
        end: shot.first + Math.floor(((i + 1) * length) / count),
        shotFirst: shot.first,
        shotEnd: shot.end,
      });
    }
  });
  return segments;
}

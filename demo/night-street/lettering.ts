/** Letters as pen strokes on a cell 0.6 wide and 1 high: strokes parted by '/', their x,y points by spaces. */
const STROKES: Readonly<Record<string, string>> = {
  A: '0,0 .3,1 .6,0/.11,.36 .49,.36',
  B: '0,0 0,1 .38,1 .52,.88 .52,.65 .38,.54 0,.54/.38,.54 .57,.42 .57,.14 .4,0 0,0',
  C: '.58,.84 .42,1 .18,1 0,.8 0,.2 .18,0 .42,0 .58,.16',
  D: '0,0 0,1 .34,1 .57,.78 .57,.22 .34,0 0,0',
  E: '.52,0 0,0 0,1 .52,1/0,.52 .42,.52',
  F: '0,0 0,1 .52,1/0,.52 .42,.52',
  G: '.58,.84 .42,1 .18,1 0,.8 0,.2 .18,0 .42,0 .58,.16 .58,.46 .34,.46',
  H: '0,0 0,1/.56,0 .56,1/0,.52 .56,.52',
  I: '.28,0 .28,1',
  K: '0,0 0,1/.56,1 0,.45/.18,.6 .58,0',
  L: '0,1 0,0 .52,0',
  M: '0,0 0,1 .3,.4 .6,1 .6,0',
  N: '0,0 0,1 .56,0 .56,1',
  O: '.18,0 0,.2 0,.8 .18,1 .42,1 .6,.8 .6,.2 .42,0 .18,0',
  P: '0,0 0,1 .4,1 .56,.86 .56,.6 .4,.46 0,.46',
  R: '0,0 0,1 .4,1 .56,.86 .56,.6 .4,.48 0,.48/.3,.48 .58,0',
  S: '.56,.84 .4,1 .16,1 .02,.86 .02,.66 .16,.54 .42,.48 .58,.36 .58,.14 .42,0 .16,0 0,.16',
  T: '0,1 .6,1/.3,1 .3,0',
  U: '0,1 0,.2 .18,0 .4,0 .58,.2 .58,1',
  Y: '0,1 .3,.5 .6,1/.3,.5 .3,0',
};

const ADVANCE = 0.86;

/** A straight piece of a stroke: x and y of its two ends. */
type Segment = readonly [number, number, number, number];

/** A line of capital letters that can say how far a point is from its strokes. */
export class Lettering {
  /** Width of the line in letter heights. */
  readonly width: number;
  private readonly segments: readonly Segment[];

  /** Sets `text`; letters it does not know, such as spaces, leave a gap. */
  constructor(text: string) {
    this.width = text.length * ADVANCE - (ADVANCE - 0.6);
    this.segments = Array.from(text, (letter, index) => strokesOf(letter, index * ADVANCE)).flat();
  }

  /** The distance from (x, y) to the nearest stroke, in letter heights; the line starts at (0, 0). */
  distance(x: number, y: number): number {
    let least = Infinity;
    for (const [x0, y0, x1, y1] of this.segments) {
      const dx = x1 - x0;
      const dy = y1 - y0;
      const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
      least = Math.min(least, Math.hypot(x - x0 - t * dx, y - y0 - t * dy));
    }
    return least;
  }
}

/** The straight pieces of a letter whose cell starts at x = `shift`. */
function strokesOf(letter: string, shift: number): Segment[] {
  return (STROKES[letter] ?? '').split('/').flatMap((stroke) => {
    const points = stroke.split(' ').map((pair) => pair.split(',').map(Number));
    return points.slice(1).map(([x = 0, y = 0], k): Segment => {
      const [fromX = 0, fromY = 0] = points[k] ?? [];
      return [fromX + shift, fromY, x + shift, y];
    });
  });
}

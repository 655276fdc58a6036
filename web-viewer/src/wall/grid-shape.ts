/** Below this width, in CSS pixels, a tile tells nothing any more: the wall then grows beyond the window. */
const LEAST_WIDTH = 148;
/** Up to this width a window is a phone's: one column for few cameras, else two. */
const PHONE_WIDTH = 640;
const FEW = 4;
/** A tile of so much of the largest width is as good. */
const NEARLY = 0.93;

/** Room for the wall, in CSS pixels. */
export interface WallRoom {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

/** How tiles are laid out. */
export interface GridShape {
  readonly columns: number;
  /** Width of a tile in CSS pixels. */
  readonly tileWidth: number;
}

/** The layout in which `count` tiles of one aspect are largest while all of them are in sight, if they can be. */
export function gridShape(count: number, { width, height, gap }: WallRoom, aspect: number): GridShape {
  const across = (columns: number): number => Math.floor((width - gap * (columns - 1)) / columns);
  if (width <= PHONE_WIDTH) {
    const columns = count <= FEW ? 1 : 2;
    return { columns, tileWidth: across(columns) };
  }
  const shapes = Array.from({ length: Math.max(1, count) }, (_, index): GridShape => {
    const columns = index + 1;
    const rows = Math.ceil(count / columns);
    const down = Math.floor(((height - gap * (rows - 1)) / rows) * aspect);
    return { columns, tileWidth: Math.min(across(columns), down) };
  });
  const largest = Math.max(...shapes.map(({ tileWidth }) => tileWidth));
  // Of shapes that are nearly as good as each other, the widest: it leaves least of the window empty.
  const best = shapes.findLast(({ tileWidth }) => tileWidth >= NEARLY * largest);
  if (best && best.tileWidth >= LEAST_WIDTH) return best;
  const columns = Math.max(1, Math.floor((width + gap) / (LEAST_WIDTH + gap)));
  return { columns, tileWidth: across(columns) };
}

/** Where a key leads from tile `index` of `count` in so many columns; null where it means nothing. */
export function neighbourOf(key: string, index: number, count: number, columns: number): number | null {
  const target = targetOf(key, index, count, columns);
  return target !== null && target >= 0 && target < count ? target : null;
}

function targetOf(key: string, index: number, count: number, columns: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return index - 1;
    case 'ArrowRight':
      return index + 1;
    case 'ArrowUp':
      return index - columns;
    case 'ArrowDown': {
      // Down from above a row that is not full leads to its last tile.
      const isLastRow = Math.floor(index / columns) === Math.floor((count - 1) / columns);
      return isLastRow ? null : Math.min(index + columns, count - 1);
    }
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

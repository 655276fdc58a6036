/** Where the parts of the street lie, in metres. The camera looks along +z from z = 0; the road runs along z. */
export const STREET = {
  /** Fronts of the left-hand houses. */
  leftFront: -9,
  /** Left kerb; the parking strip lies between it and `parkingEdge`. */
  leftKerb: -5.6,
  parkingEdge: -3.4,
  /** The line between the lanes: oncoming cars keep left of it, as the camera sees it. */
  centreLine: 0,
  rightKerb: 3.3,
  /** Low wall between the right-hand pavement and the front gardens, and the fronts of the houses behind them. */
  gardenWall: 5.9,
  rightFront: 9.8,
  /** Height of the pavements above the road. */
  pavementHeight: 0.13,
  /** The zebra crossing. */
  crossingStart: 15,
  crossingEnd: 18.4,
  /** Where the rows of houses end and the cross street runs, and the fronts that close the view. */
  rowEnd: 90,
  crossStreetEnd: 100,
  closingFront: 103,
  /** The ground goes back this far behind the camera. */
  nearEnd: -14,
} as const;

/** The height of the ground people and wheels stand on at (x, z), kerbs rounded over a hand's breadth. */
export function groundHeight(x: number, z: number): number {
  if (z > STREET.rowEnd) return 0;
  const left = STREET.leftKerb - x;
  const right = x - STREET.rightKerb;
  const onto = Math.max(left, right) / 0.15 + 0.5;
  return STREET.pavementHeight * Math.min(1, Math.max(0, onto));
}

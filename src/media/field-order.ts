/** Which field of an interlaced picture comes first. */
export type FieldOrder = 'top' | 'bottom' | 'unknown';

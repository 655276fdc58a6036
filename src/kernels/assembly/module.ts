// The one WebAssembly module with all kernels. It imports its (shared) memory and keeps no data of its own in it:
// every thread of a stream instantiates it over the same memory, and all buffers are given by address.
export * from './downsample';
export * from './colour-conversion';
export * from './interleaved-rgb';
export * from './lab';
export * from './temporal-denoise';
export * from './edge-smooth';
export * from './noise-level';
export * from './wavelet-shrink';
export * from './film-levels';
export * from './colour-trail';
export * from './grid-fit';
export * from './grid-solve';
export * from './grid-tables';
export * from './slice-luma';
export * from './slice-rgb';
export * from './slice-chroma';
export * from './luma-pyramid';
export * from './block-motion';
export * from './film-blotches';
export * from './native-detail';

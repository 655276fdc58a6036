/** What a network can run on: the CPU, or a GPU by WebGPU, CUDA, Core ML (macOS) or DirectML (Windows). */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
/** One of PROVIDERS. */
export type Provider = (typeof PROVIDERS)[number];

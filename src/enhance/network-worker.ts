import { isMainThread, workerData, type MessagePort } from 'node:worker_threads';
import { AfterglowError, type ErrorReport } from '../errors/afterglow-error.js';
import { colourCoefficients } from '../frames/picture-format.js';
import { findCard } from '../inference/model-library.js';
import { NetworkSession } from '../inference/network-session.js';
import type { Placements, ProviderMove } from '../inference/placement.js';
import { loadKernels } from '../kernels/kernel-module.js';
import { NativeNetwork } from './native-network.js';
import { NetworkAdapter } from './network-adapter.js';
import { NetworkExchange, type ExchangeHandle } from './network-exchange.js';
import type { Size } from './working-size.js';

/** What this thread is started with. */
export interface NetworkWorkerData {
  readonly port: MessagePort;
  readonly exchange: ExchangeHandle;
  readonly model: string;
  readonly modelFolder: string | null;
  readonly placements: Placements;
  /** Whether luma stays the picture's own and the network gives colour alone. */
  readonly keepLuma: boolean;
}

/** What this thread tells: that it is ready, that the network goes on elsewhere, or why it has ended. */
export type NetworkWorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'moved'; readonly move: ProviderMove }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** Answers one picture after the other until the exchange quits. */
async function serve(data: NetworkWorkerData, tell: (message: NetworkWorkerMessage) => void): Promise<void> {
  const exchange = new NetworkExchange(data.exchange);
  try {
    const session = await NetworkSession.open(data.model, sizeSeen(data), {
      placements: data.placements,
      moved: (move) => tell({ kind: 'moved', move }),
      ...(data.modelFolder === null ? {} : { folder: data.modelFolder }),
    });
    const answer = data.exchange.tileBytes === null ? fitter(data, exchange, session) : tiler(data, exchange, session);
    const timeRun = async (): Promise<void> => {
      const started = performance.now();
      await session.run();
      exchange.setProvider(session.placement.provider, performance.now() - started);
    };
    await timeRun();
    tell({ kind: 'ready' });
    for (;;) {
      const state = exchange.waitWhile('idle', Infinity);
      if (exchange.quitting) break;
      if (state !== 'asked') {
        // An answer that nobody has taken yet.
        exchange.waitWhile(state, Infinity);
        continue;
      }
      const start = performance.now();
      await answer();
      exchange.answer(performance.now() - start);
      if (session.placement.provider !== exchange.provider) await timeRun();
    }
    await session.close();
  } catch (error) {
    tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
    exchange.fail();
  }
}

/** Size of the pictures that the network is first loaded for. */
function sizeSeen({ exchange, model, modelFolder, placements }: NetworkWorkerData): Size {
  if (exchange.tileBytes === null) return exchange.working;
  return NativeNetwork.tileSize(
    exchange.working,
    findCard(model, modelFolder ?? undefined),
    placements[0].provider === 'cpu',
  );
}

/** Leaves the network's picture at full resolution in the exchange. */
function tiler(data: NetworkWorkerData, exchange: NetworkExchange, session: NetworkSession): () => Promise<void> {
  const { memory } = data.exchange.region;
  const { y: picture, targetY: target, rgb, lab } = exchange;
  const at = { picture, target, rgb, lab };
  const network = new NativeNetwork(loadKernels(memory), session, memory, data.exchange.working, at);
  return () => network.run(exchange.colour);
}

/** Leaves the sums of a grid from picture to answer in the exchange. */
function fitter(data: NetworkWorkerData, exchange: NetworkExchange, session: NetworkSession): () => Promise<void> {
  const { memory } = data.exchange.region;
  const { width, height } = data.exchange.working;
  const { columns, rows, bins } = data.exchange;
  const kernels = loadKernels(memory);
  const adapter = new NetworkAdapter(kernels, session, memory, exchange);
  const pixels = width * height;
  const bytes = new Uint8Array(memory.buffer);
  const sums = new Uint8Array(memory.buffer, exchange.sums, exchange.sumsBytes);
  return async () => {
    const { colour } = exchange;
    const { black, lumaScale } = colourCoefficients(colour.matrix, colour.range);
    const picture = [exchange.y, exchange.u, exchange.v] as const;
    const target = [exchange.targetY, exchange.targetU, exchange.targetV] as const;
    await adapter.answer(picture, target, colour);
    // Not done by solveMaps: the ratio of target luma to luma is where the gains of flat chroma are pulled to.
    if (data.keepLuma) bytes.copyWithin(exchange.targetY, exchange.y, exchange.y + pixels * 4);
    sums.fill(0);
    kernels.fitGrid(
      ...picture, ...target, width, height, exchange.sums, columns, rows, bins, black, lumaScale, exchange.fitScratch,
    ); // prettier-ignore
  };
}

if (!isMainThread) {
  const data = workerData as NetworkWorkerData;
  await serve(data, (message) => data.port.postMessage(message));
  data.port.close();
}

/** Size of a WebAssembly page. */
const PAGE = 65536;
/** The largest shared memory a stream may ask for; the kernels' addresses are 32 bits wide. */
const MAX_PAGES = 65536;
/** By how many pages a memory may grow that was made to: 512 MiB of addresses, which take no memory until then. */
const ROOM_TO_GROW = 8192;
/** Every allocation starts on a cache line. */
const ALIGNMENT = 64;

/** A part of a shared memory, as it is sent to another thread. */
export interface ArenaRegion {
  readonly memory: WebAssembly.Memory;
  readonly start: number;
  readonly end: number;
}

/**
 * Hands out addresses in a shared WebAssembly.Memory, from one end to the other; nothing is given back.
 *
 * A stream makes one memory, and each of its threads works on a region of it. Address 0 is never handed out.
 */
export class SharedArena {
  readonly memory: WebAssembly.Memory;
  readonly #end: number;
  #next: number;

  constructor(region: ArenaRegion) {
    this.memory = region.memory;
    this.#next = alignUp(region.start);
    this.#end = region.end;
  }

  /**
   * A new shared memory of at least this many bytes, as one arena. canGrow: `growMemory` may add to it later. Throws
   * RangeError if it cannot be had.
   */
  static create(bytes: number, canGrow = false): SharedArena {
    const pages = Math.ceil((bytes + ALIGNMENT) / PAGE);
    if (pages > MAX_PAGES) throw new RangeError(`${bytes} bytes are more than a shared memory can hold`);
    const maximum = canGrow ? Math.min(MAX_PAGES, pages + ROOM_TO_GROW) : pages;
    const memory = new WebAssembly.Memory({ initial: pages, maximum, shared: true });
    return new SharedArena({ memory, start: ALIGNMENT, end: pages * PAGE });
  }

  /** Address of a fresh block, zeroed when the memory was new, on a 64-byte boundary. */
  allocate(bytes: number): number {
    const address = this.#next;
    const next = alignUp(address + bytes);
    if (next > this.#end) {
      throw new RangeError(`shared memory is exhausted: ${bytes} bytes wanted, ${this.#end - address} left`);
    }
    this.#next = next;
    return address;
  }

  /** A region of this arena for another thread's own arena. */
  carve(bytes: number): ArenaRegion {
    const start = this.allocate(bytes);
    return { memory: this.memory, start, end: alignUp(start + bytes) };
  }

  /** A view of bytes at an address. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /** A view of 32-bit integers at an address. */
  int32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  /** A view of floats at an address. */
  float32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }
}

/** What an allocation of this many bytes takes from an arena. */
export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Adds a region to a shared memory that may grow; what is in use stays where it is. Throws RangeError if there is no room. */
export function growMemory(memory: WebAssembly.Memory, bytes: number): ArenaRegion {
  const pages = Math.ceil((bytes + ALIGNMENT) / PAGE);
  const before = memory.grow(pages);
  return { memory, start: before * PAGE, end: (before + pages) * PAGE };
}

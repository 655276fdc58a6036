import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../config/new-folder.js';
import { ROOM_ID, roomItemSchema, type RoomItem } from './room-item.js';

const ITEM = 'item.json';

/** The folder of the film room: a folder for each item, with what is known of it in a file. */
export class ItemStore {
  readonly folder: string;
  readonly #writes = new Map<string, Promise<void>>();

  /** Throws AfterglowError `output-invalid` where the folder cannot be made. */
  constructor(folder: string) {
    this.folder = path.resolve(folder);
  }

  /** All items that are there, oldest first. What cannot be read is passed over. */
  load(): RoomItem[] {
    return this.#ids()
      .filter((id) => ROOM_ID.test(id))
      .flatMap((id) => {
        try {
          return [roomItemSchema.parse(JSON.parse(readFileSync(this.pathOf(id, ITEM), 'utf8')))];
        } catch {
          return [];
        }
      })
      .sort((a, b) => a.uploaded - b.uploaded);
  }

  #ids(): string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      // Not there yet. A folder that cannot be read cannot be written either: the first upload says so.
      return [];
    }
  }

  /** A file of an item. */
  pathOf(id: string, file: string): string {
    return path.join(this.folder, id, file);
  }

  /** Makes an item's folder. Throws AfterglowError `output-invalid`. */
  begin(id: string): void {
    makeFolder(path.join(this.folder, id), 'set films.folder to a folder that can be written');
  }

  /** Keeps what is known of an item; the last of several calls counts. */
  save(item: RoomItem): Promise<void> {
    const { id } = item;
    const text = JSON.stringify(item, null, 1);
    const write = (this.#writes.get(id) ?? Promise.resolve()).then(async () => {
      const file = this.pathOf(id, ITEM);
      try {
        await writeFile(`${file}.part`, text);
        await rename(`${file}.part`, file);
      } catch {
        // Its folder is gone, or the disk is full: what is known stays in memory.
      }
    });
    this.#writes.set(id, write);
    return write;
  }

  /** Deletes an item with all that was made of it. */
  remove(id: string): void {
    this.#writes.delete(id);
    rmSync(path.join(this.folder, id), { recursive: true, force: true, maxRetries: 5 });
  }

  /** Bytes that all items take. */
  bytes(): number {
    if (!existsSync(this.folder)) return 0;
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + sizeOf(path.join(entry.parentPath, entry.name)), 0);
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
